import { useQuery } from "@tanstack/react-query";
import { resultsQuery, type RunResults } from "@/api/runPage";
import { EmptyState } from "@/components/EmptyState";
import { ErrorState } from "@/components/ErrorState";
import { TextLink } from "@/components/links";
import { PageLoading } from "@/components/PageLoading";
import { Preview } from "@/components/preview/Preview";
import { typeName } from "@/formats/values";
import type { RunTasks } from "../runTasks";
import classes from "./Results.module.css";

interface ResultsProps {
  readonly runId: string;
  readonly tasks: RunTasks;
}

/** What the run found out: metrics, curves, reports, the newest first. */
export default function Results({ runId, tasks }: ResultsProps) {
  const { data, error, refetch } = useQuery(resultsQuery(runId));
  if (error !== null) return <ErrorState error={error} retry={() => void refetch()} />;
  if (data === undefined) return <PageLoading />;
  if (data.results.length === 0) {
    return (
      <EmptyState title={tasks.isLive ? "No results yet" : "No results"}>
        <p>Outputs of the types Metrics, ClassificationMetrics, Markdown and HTML are shown here.</p>
      </EmptyState>
    );
  }
  return (
    <div className={classes.results} tabIndex={0} role="region" aria-label="Results">
      {data.truncated && <p className={classes.note}>The first {data.results.length} are shown.</p>}
      <div className={classes.columns}>
        {data.results.toReversed().map((result) => (
          <Result key={`${result.task_id} ${result.port} ${result.artifact_id}`} result={result} tasks={tasks} />
        ))}
      </div>
    </div>
  );
}

function Result({ result, tasks }: { readonly result: RunResults["results"][number]; readonly tasks: RunTasks }) {
  const task = tasks.byId(result.task_id);
  const iteration = result.iteration_index === null ? "" : ` [${String(result.iteration_index)}]`;
  return (
    <section className={classes.result} aria-label={`${result.task_name}${iteration}: ${result.port}`}>
      <header className={classes.head}>
        <h3>
          {task === undefined ? (
            result.task_name
          ) : (
            <TextLink from="/runs/$runId" to="." search={(before) => ({ ...before, task: task.key })} title="Show the task">
              {result.task_name}
              {iteration}
            </TextLink>
          )}
          <span aria-hidden> / </span>
          <TextLink to="/artifacts/$artifactId" params={{ artifactId: result.artifact_id }} title="Open the artifact">
            {result.port}
          </TextLink>
        </h3>
        <span className={classes.type}>{typeName(result.type)}</span>
      </header>
      <Preview content={result.content} name={`${result.task_name} ${result.port}`} />
    </section>
  );
}
