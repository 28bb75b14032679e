/** Columns of every list of runs. */
import { Ago } from "@/components/Ago";
import type { Column } from "@/components/DataTable";
import { Elapsed } from "@/components/Elapsed";
import { TextLink } from "@/components/links";
import { StateBadge } from "@/components/StateBadge";
import { TaskBar } from "@/components/TaskBar";
import type { RunRow } from "@/api/types";
import { metric } from "@/formats/numbers";
import { shortId } from "@/formats/values";
import classes from "./runColumns.module.css";

interface Chosen {
  /** Metrics that have a column each. */
  metrics?: readonly string[];
  /** Leave out what all of them share. */
  without?: readonly ("pipeline" | "experiment")[];
}

export function runColumns({ metrics = [], without = [] }: Chosen): Column<RunRow>[] {
  const columns: Column<RunRow>[] = [
    {
      id: "state",
      header: "State",
      width: 130,
      cell: (run) => (
        <span title={run.sentence === "" ? undefined : run.sentence}>
          <StateBadge state={run.state} />
        </span>
      ),
    },
    { id: "name", header: "Run", sort: "name", cell: (run) => <RunName run={run} /> },
    { id: "pipeline", header: "Pipeline", width: "13%", cell: (run) => <PipelineName run={run} /> },
    {
      id: "experiment",
      header: "Experiment",
      width: "9%",
      cell: (run) => (
        <TextLink to="/runs" search={{ experiment: run.experiment.id }} c="var(--ink)" title={run.experiment.name ?? ""}>
          {run.experiment.name ?? "(deleted)"}
        </TextLink>
      ),
    },
    { id: "tasks", header: "Tasks", width: 92, cell: (run) => <TaskBar counts={run.task_counts} /> },
    { id: "created", header: "Created", sort: "created_at", width: 108, cell: (run) => <Ago moment={run.created_at} /> },
    {
      id: "duration",
      header: "Duration",
      width: 100,
      align: "right",
      cell: (run) => <Elapsed from={run.started_at} to={run.finished_at} />,
    },
    ...metrics.map(
      (name): Column<RunRow> => ({
        id: `metric:${name}`,
        header: <span title={name}>{name}</span>,
        width: 80,
        align: "right",
        cell: (run) => {
          const value = run.metrics[name];
          return value === undefined ? <span className={classes.none}>–</span> : <span title={String(value)}>{metric(value)}</span>;
        },
      }),
    ),
  ];
  return columns.filter(({ id }) => !(without as readonly string[]).includes(id));
}

function RunName({ run }: { run: RunRow }) {
  return (
    <span className={classes.name}>
      <TextLink to="/runs/$runId" params={{ runId: run.id }} fw={550} title={run.name}>
        {run.name}
      </TextLink>
      <code className={classes.id}>{shortId(run.id)}</code>
    </span>
  );
}

function PipelineName({ run }: { run: RunRow }) {
  const { id, display_name, name, version_name } = run.pipeline;
  const shown = display_name ?? name;
  if (id === null || display_name === null) return <span title={shown}>{shown}</span>;
  return (
    <TextLink
      to="/pipelines/$pipelineId"
      params={{ pipelineId: id }}
      search={run.pipeline.version_id === null ? {} : { version: run.pipeline.version_id }}
      c="var(--ink)"
      title={version_name === null ? shown : `${shown}, version ${version_name}`}
    >
      {shown}
    </TextLink>
  );
}
