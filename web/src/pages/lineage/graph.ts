/** An answer about lineage as a graph that can be drawn. Pure. */
import type { LineageGraph, LineageNode } from "@/api/types";
import type { Appearance } from "@/graph/appearance";
import type { GraphEdge, GraphNode } from "@/graph/nodes";
import { bytes } from "@/formats/numbers";
import { typeName } from "@/formats/values";
import { lookOf } from "@/theme/states";

const ROOT = "lineage";

/** Id in the picture of a node of the answer. */
export function drawnId(id: string): string {
  return `${ROOT}/${id}`;
}

export function answeredId(drawn: string): string {
  return drawn.slice(ROOT.length + 1);
}

export function pictureOf(lineage: LineageGraph): { nodes: GraphNode[]; edges: GraphEdge[] } {
  const root: GraphNode = { id: ROOT, parent_id: null, display_name: "Lineage", kind: "ROOT", component: "" };
  return {
    nodes: [
      root,
      ...lineage.nodes.map((node) => ({
        id: drawnId(node.id),
        parent_id: ROOT,
        display_name: nameOf(node),
        kind: kindOf(node),
        // All different: none is stacked with another.
        component: node.id,
      })),
    ],
    edges: lineage.edges.map(({ source_id, target_id }) => ({
      source_id: drawnId(source_id),
      target_id: drawnId(target_id),
      kind: "data",
    })),
  };
}

const ARTIFACT_KINDS: Readonly<Record<string, string>> = {
  "system.Dataset": "DATASET",
  "system.Model": "MODEL",
  "system.Metrics": "METRICS",
  "system.ClassificationMetrics": "METRICS",
  "system.SlicedClassificationMetrics": "METRICS",
};

function kindOf(node: LineageNode): string {
  return node.kind === "task" ? node.task.kind : (ARTIFACT_KINDS[node.artifact.type] ?? "ARTIFACT");
}

/** A task by its name; an artifact by what it is registered as, else by its name. */
export function nameOf(node: LineageNode): string {
  if (node.kind === "task") return node.task.name;
  const [model] = node.artifact.models;
  return model === undefined ? node.artifact.name : `${model.name} v${model.version}`;
}

/** Second line: of an artifact type and size, of a task its run. */
export function detailOf(node: LineageNode): string {
  if (node.kind === "task") return node.task.run_name;
  const { type, size } = node.artifact;
  return size === null ? typeName(type) : `${typeName(type)}, ${bytes(size)}`;
}

export function appearanceOf(node: LineageNode | undefined): Appearance {
  if (node === undefined) return { look: "plain", label: "", detail: "", shares: [] };
  const look = node.kind === "task" ? lookOf(node.task.state, node.task.reused ? "reused" : undefined) : "plain";
  return { look, label: nameOf(node), detail: detailOf(node), shares: [] };
}
