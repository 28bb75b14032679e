import type { LineageNode } from "@/api/types";
import { Ago } from "@/components/Ago";
import { ArtifactFacts } from "@/components/artifacts/ArtifactFacts";
import { Facts } from "@/components/Facts";
import { ButtonLink, TextLink } from "@/components/links";
import { StateBadge } from "@/components/StateBadge";
import { nameOf } from "./graph";
import classes from "./LineagePage.module.css";

/** What the selected node is. */
export function NodePanel({ node }: { node: LineageNode }) {
  return (
    <aside className={classes.node} aria-label={nameOf(node)}>
      {node.kind === "task" ? <Task node={node} /> : <Artifact node={node} />}
    </aside>
  );
}

function Task({ node: { task, ended_at } }: { node: Extract<LineageNode, { kind: "task" }> }) {
  return (
    <>
      <h2>{task.name}</h2>
      <StateBadge state={task.state} outcome={task.reused ? "reused" : undefined} />
      <div className={classes.buttons}>
        <ButtonLink to="/runs/$runId" params={{ runId: task.run_id }} search={{ task: task.key }} size="xs" variant="default">
          Open task
        </ButtonLink>
        <ButtonLink to="/lineage" search={{ run: task.run_id }} size="xs" variant="default">
          Lineage of its run
        </ButtonLink>
      </div>
      <Facts
        facts={[
          [
            "Run",
            <TextLink key="run" to="/runs/$runId" params={{ runId: task.run_id }}>
              {task.run_name}
            </TextLink>,
          ],
          ["Pipeline", task.pipeline],
          ["Task", task.key],
          ended_at === null ? undefined : ["Ended", <Ago key="ended" moment={ended_at} />],
        ]}
      />
    </>
  );
}

function Artifact({ node: { artifact } }: { node: Extract<LineageNode, { kind: "artifact" }> }) {
  return (
    <>
      <h2>{artifact.name}</h2>
      <div className={classes.buttons}>
        <ButtonLink to="/artifacts/$artifactId" params={{ artifactId: artifact.id }} size="xs" variant="default">
          Open artifact
        </ButtonLink>
        <ButtonLink to="/lineage" search={{ artifact: artifact.id }} size="xs" variant="default">
          Lineage from here
        </ButtonLink>
      </div>
      <ArtifactFacts artifact={artifact} />
    </>
  );
}
