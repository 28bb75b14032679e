import { SegmentedControl, Select, Tabs } from "@mantine/core";
import { IconBinaryTree } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback, useMemo, useState } from "react";
import { lineageQuery, type LineageSubject } from "@/api/artifacts";
import type { LineageDirection, LineageGraph } from "@/api/types";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { TextLink } from "@/components/links";
import { Page } from "@/components/Page";
import { PageLoading } from "@/components/PageLoading";
import { counted } from "@/formats/numbers";
import { GraphView } from "@/graph/GraphView";
import type { VisibleNode } from "@/graph/nodes";
import { answeredId, appearanceOf, drawnId, nameOf, pictureOf } from "./graph";
import classes from "./LineagePage.module.css";
import { LineageList } from "./LineageList";
import { NodePanel } from "./NodePanel";
import { HOPS, type LineageSearch } from "./search";

/** What an artifact, a model or a run's results were made from, and what was made from them, over any number of runs. */
export function LineagePage() {
  const search = useSearch({ from: "/lineage" });
  const subject = subjectOf(search);
  if (subject === undefined)
    return (
      <Page title="Lineage">
        <EmptyState title="Lineage of what?" icon={<IconBinaryTree size={30} stroke={1.6} aria-hidden />}>
          Open it from an artifact, a <TextLink to="/models">model</TextLink> or a run.
        </EmptyState>
      </Page>
    );
  return <Content subject={subject} search={search} />;
}

const DIRECTIONS: { value: LineageDirection; label: string }[] = [
  { value: "up", label: "Made from" },
  { value: "both", label: "Both" },
  { value: "down", label: "Used for" },
];
const FAR = ["1", "2", "3", "5", "10", "20", "50"];

function Content({ subject, search }: { subject: LineageSubject; search: LineageSearch }) {
  const navigate = useNavigate({ from: "/lineage" });
  const change = (part: LineageSearch) => void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const direction = search.direction ?? "both";
  const hops = search.hops ?? HOPS;
  const query = useQuery(lineageQuery(subject, direction, hops));
  return (
    <Page
      title={titleOf(search, query.data)}
      above="Lineage"
      beside={
        query.data !== undefined && (
          <span className={classes.soft}>
            {counted(query.data.nodes.filter(({ kind }) => kind === "artifact").length, "artifact")},{" "}
            {counted(query.data.nodes.filter(({ kind }) => kind === "task").length, "task")}
          </span>
        )
      }
      actions={
        <>
          <SegmentedControl
            size="xs"
            aria-label="Direction"
            data={DIRECTIONS}
            value={direction}
            onChange={(value) => change({ direction: value === "both" ? undefined : value })}
          />
          <Select
            size="xs"
            w={128}
            aria-label="How far"
            data={FAR.map((value) => ({ value, label: counted(Number(value), "hop") }))}
            value={String(hops)}
            onChange={(value) => change({ hops: value === null || Number(value) === HOPS ? undefined : Number(value) })}
            allowDeselect={false}
          />
        </>
      }
      fill
    >
      {query.isPending ? (
        <PageLoading />
      ) : query.isError ? (
        <ErrorState error={query.error} retry={() => void query.refetch()} />
      ) : (
        <Answer lineage={query.data} />
      )}
    </Page>
  );
}

function Answer({ lineage }: { lineage: LineageGraph }) {
  const [chosen, choose] = useState<string | null>(null);
  const nodes = useMemo(() => new Map(lineage.nodes.map((node) => [node.id, node])), [lineage]);
  const picture = useMemo(() => pictureOf(lineage), [lineage]);
  const appearance = useCallback((visible: VisibleNode) => appearanceOf(nodes.get(answeredId(visible.id))), [nodes]);
  const selected = nodes.get(chosen ?? "") ?? nodes.get(lineage.focus_ids[0] ?? "");
  if (lineage.nodes.length === 0)
    return <EmptyState title="Nothing is recorded">No artifact was published here yet.</EmptyState>;
  return (
    <Tabs defaultValue="graph" className={classes.tabs} keepMounted={false}>
      <Tabs.List>
        <Tabs.Tab value="graph">Graph</Tabs.Tab>
        <Tabs.Tab value="list">List</Tabs.Tab>
        {lineage.truncated && <span className={classes.truncated}>There is more than is shown: go further, or start elsewhere.</span>}
      </Tabs.List>
      <Tabs.Panel value="graph" className={classes.filled}>
        <div className={classes.graph}>
          <GraphView
            nodes={picture.nodes}
            edges={picture.edges}
            appearanceOf={appearance}
            // All of it is in sight until something is chosen.
            selected={chosen === null || selected === undefined ? null : drawnId(selected.id)}
            onSelect={(visible) => choose(answeredId(visible.id))}
            label="Lineage"
          />
        </div>
        {selected !== undefined && <NodePanel node={selected} />}
      </Tabs.Panel>
      <Tabs.Panel value="list" className={classes.panel}>
        <LineageList lineage={lineage} />
      </Tabs.Panel>
    </Tabs>
  );
}

function subjectOf({ artifact, run, model, version }: LineageSearch): LineageSubject | undefined {
  if (artifact !== undefined) return { artifact };
  if (run !== undefined) return { run };
  if (model !== undefined) return version === undefined ? { model } : { model, version };
  return undefined;
}

function titleOf({ model, version, run }: LineageSearch, lineage: LineageGraph | undefined): string {
  if (model !== undefined) return version === undefined ? model : `${model} v${version}`;
  if (run !== undefined) {
    const task = lineage?.nodes.find((node) => node.kind === "task" && node.task.run_id === run);
    return task?.kind === "task" ? `Results of ${task.task.run_name}` : "Results of a run";
  }
  const focus = lineage?.nodes.find(({ id }) => id === lineage.focus_ids[0]);
  return focus === undefined ? "Artifact" : nameOf(focus);
}
