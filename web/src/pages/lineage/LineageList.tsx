import type { LineageGraph, LineageNode } from "@/api/types";
import { Ago } from "@/components/Ago";
import { DataTable, type Column } from "@/components/DataTable";
import { TextLink } from "@/components/links";
import { bytes, counted } from "@/formats/numbers";
import { typeName } from "@/formats/values";
import { nameOf } from "./graph";

type ArtifactNode = Extract<LineageNode, { kind: "artifact" }>;

/** The artifacts of a lineage as a table, nearest first, each with the task that made it. */
export function LineageList({ lineage }: { lineage: LineageGraph }) {
  const tasks = new Map(lineage.nodes.flatMap((node) => (node.kind === "task" ? [[node.id, node.task] as const] : [])));
  const makers = new Map(
    lineage.edges.flatMap(({ source_id, target_id }) => {
      const task = tasks.get(source_id);
      return task === undefined ? [] : [[target_id, task] as const];
    }),
  );
  const artifacts = lineage.nodes.filter((node): node is ArtifactNode => node.kind === "artifact");
  const columns: Column<ArtifactNode>[] = [
    { id: "hops", header: "Distance", width: 150, cell: ({ hops }) => distance(hops) },
    {
      id: "name",
      header: "Artifact",
      cell: (node) => (
        <TextLink to="/artifacts/$artifactId" params={{ artifactId: node.id }} fw={550}>
          {nameOf(node)}
        </TextLink>
      ),
    },
    { id: "type", header: "Type", width: 170, cell: ({ artifact }) => typeName(artifact.type) },
    {
      id: "maker",
      header: "Made by",
      width: "22%",
      cell: (node) => {
        const task = makers.get(node.id);
        return task === undefined ? (
          "–"
        ) : (
          <TextLink to="/runs/$runId" params={{ runId: task.run_id }} search={{ task: task.key }} title={`${task.key} of ${task.run_name}`}>
            {task.name}
          </TextLink>
        );
      },
    },
    { id: "run", header: "In run", width: "18%", cell: (node) => makers.get(node.id)?.run_name ?? "–" },
    { id: "size", header: "Size", width: 90, align: "right", cell: ({ artifact }) => (artifact.size === null ? "–" : bytes(artifact.size)) },
    { id: "made", header: "Made", width: 120, cell: ({ artifact }) => <Ago moment={artifact.created_at} /> },
  ];
  return <DataTable<ArtifactNode> label="Lineage" columns={columns} rows={artifacts} idOf={({ id }) => id} />;
}

function distance(hops: number): string {
  if (hops === 0) return "this";
  return `${counted(Math.abs(hops), "hop")} ${hops < 0 ? "before" : "after"}`;
}
