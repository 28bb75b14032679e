import { CloseButton } from "@mantine/core";
import { useCallback } from "react";
import type { Structure } from "@/api/types";
import { CodeBlock } from "@/components/Copyable";
import { EmptyState } from "@/components/EmptyState";
import type { Appearance } from "@/graph/appearance";
import { GraphView } from "@/graph/GraphView";
import type { VisibleNode } from "@/graph/nodes";
import classes from "./PipelinePage.module.css";
import { SignatureTable } from "./SignatureTable";

interface PipelineGraphProps {
  structure: Structure;
  selected: string | null;
  select: (id: string | undefined) => void;
}

type Node = Structure["graph"]["nodes"][number];

const KINDS: Record<Node["kind"], string> = {
  ROOT: "Pipeline",
  RUNTIME: "Task",
  IMPORTER: "Imports artifacts",
  DAG: "Pipeline inside",
  LOOP: "Loop",
  CONDITION: "Condition",
  CONDITION_BRANCH: "Branches",
  EXIT_HANDLER: "Exit handler",
};

/** The graph of a pipeline before anything has run, and what one of its tasks is. */
export function PipelineGraph({ structure, selected, select }: PipelineGraphProps) {
  const { nodes, edges } = structure.graph;
  const appearanceOf = useCallback(
    (visible: VisibleNode): Appearance => ({
      look: "plain",
      label: visible.members.length > 0 ? `${visible.members.length} × ${visible.node.display_name}` : visible.node.display_name,
      detail: detailOf(nodes, visible),
      shares: [],
    }),
    [nodes],
  );
  const node = nodes.find((one) => one.id === selected);
  if (nodes.length <= 1) return <EmptyState title="This pipeline has no tasks" />;
  return (
    <>
      <div className={classes.graph}>
        <GraphView
          nodes={nodes}
          edges={edges}
          appearanceOf={appearanceOf}
          selected={selected}
          onSelect={(visible) => select(visible.members[0] ?? visible.id)}
          label={`Graph of ${structure.name}`}
        />
      </div>
      {node !== undefined && <Inspector node={node} structure={structure} close={() => select(undefined)} />}
    </>
  );
}

function detailOf(nodes: readonly Node[], visible: VisibleNode): string {
  const node = nodes.find((one) => one.id === visible.id);
  if (node === undefined) return "";
  if (node.loop !== null) return node.loop.count === null ? `over ${inputName(node.loop.over)}` : `${node.loop.count} items`;
  if (node.condition_label !== "") return node.condition_label;
  return node.kind === "RUNTIME" ? "" : KINDS[node.kind];
}

/** The compiler's name of an input as the author wrote it. */
function inputName(name: string): string {
  return name.replace(/^pipelinechannel--/, "");
}

function Inspector({ node, structure, close }: { node: Node; structure: Structure; close: () => void }) {
  const component = structure.components.find((one) => one.name === node.component);
  return (
    <aside className={classes.inspector} aria-label={`Task ${node.display_name}`}>
      <div className={classes.head}>
        <div>
          <h2>{node.display_name}</h2>
          <div className={classes.kind}>
            {KINDS[node.kind]}
            {component !== undefined && component.function !== "" && ` · ${component.function}()`}
          </div>
        </div>
        <CloseButton onClick={close} aria-label="Close" />
      </div>
      {node.condition !== "" && (
        <>
          <h3>Runs if</h3>
          <CodeBlock code={node.condition_label === "" ? node.condition : node.condition_label} label="condition" />
        </>
      )}
      {node.loop !== null && (
        <>
          <h3>Runs for each of</h3>
          <CodeBlock code={node.loop.over} label="items" height={160} />
          {node.loop.parallelism > 0 && <p className={classes.note}>At most {node.loop.parallelism} at once.</p>}
        </>
      )}
      {node.is_exit_task && <p className={classes.note}>Runs at the end, even if what came before failed or was canceled.</p>}
      {component !== undefined && (
        <>
          <div className={classes.signature}>
            <SignatureTable signature={component.signature} compact />
          </div>
          {component.image !== "" && (
            <>
              <h3>Image</h3>
              <CodeBlock code={component.image} label="image" />
            </>
          )}
        </>
      )}
    </aside>
  );
}
