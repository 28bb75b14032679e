import { Button, CopyButton } from "@mantine/core";
import { IconAlertTriangle, IconArrowRight, IconCopy, IconTerminal2 } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { TaskPage } from "@/api/runPage";
import { Elapsed } from "@/components/Elapsed";
import { TextLink } from "@/components/links";
import { duration } from "@/formats/durations";
import { timestamp } from "@/formats/moments";
import { shortId } from "@/formats/values";
import { Parameters } from "../Parameters";
import runClasses from "../Run.module.css";
import { placeOf, type RunTasks } from "../runTasks";
import { ArtifactCards } from "./ArtifactCards";
import classes from "./Panel.module.css";
import { TaskList } from "./TaskList";
import { tracebackOf } from "./traceback";

interface OverviewProps {
  readonly page: TaskPage;
  readonly tasks: RunTasks;
  readonly progress: string;
  readonly onSelect: (name: string) => void;
  /** Leads to the log; null if there is none. */
  readonly onLog: (() => void) | null;
}

/** Why a task is in its state, and what went in and out. */
export function Overview({ page, tasks, progress, onSelect, onLog }: OverviewProps) {
  const children = tasks.childrenOf(page.task);
  return (
    <div className={classes.sections}>
      <Why page={page} tasks={tasks} progress={progress} onSelect={onSelect} onLog={onLog} />
      {page.warnings.map((warning, index) => (
        <p key={index} className={classes.warning}>
          <IconAlertTriangle size={15} aria-hidden />
          {warning}
        </p>
      ))}
      <Times page={page} />
      {children.length > 0 && (
        <Section title={page.task.kind === "LOOP" ? "Iterations" : "Tasks inside"}>
          <TaskList label="Tasks inside" tasks={children} onSelect={onSelect} />
        </Section>
      )}
      <PortsSection title="Outputs" ports={page.outputs} />
      <PortsSection title="Inputs" ports={page.inputs} />
      <Cache page={page} />
    </div>
  );
}

export function Section({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

/** The most important thing: a failure's traceback first, where reused values came from, why it was skipped. */
function Why({ page, tasks, progress, onSelect, onLog }: OverviewProps) {
  const { task, traceback, hint, why } = page;
  const outcome = task.outcome;
  switch (outcome?.kind) {
    case "failed":
      return (
        <div className={classes.why} data-look="failed">
          {traceback !== "" && <Traceback text={traceback} />}
          {traceback === "" && <p className={classes.message}>{outcome.message}</p>}
          {hint !== "" && <p className={classes.hint}>{hint}</p>}
          <div className={runClasses.ways}>
            {outcome.task_key !== null && outcome.task_key !== task.key && (
              <Go label={`Show ${placeOf(outcome.task_key)}`} onClick={() => onSelect(outcome.task_key ?? "")} />
            )}
            {onLog !== null && (
              <Button variant="default" size="compact-sm" leftSection={<IconTerminal2 size={15} aria-hidden />} onClick={onLog}>
                Read the log
              </Button>
            )}
          </div>
        </div>
      );
    case "reused": {
      const from = page.cache.reused_from;
      return (
        <div className={classes.why} data-look="reused">
          <p>
            Nothing that decides its result has changed, so it did not run: its outputs are those of{" "}
            <TextLink to="/runs/$runId" params={{ runId: outcome.run_id }} search={{ task: outcome.task_key }} underline="always">
              {placeOf(outcome.task_key)}
            </TextLink>{" "}
            in run {from === null ? shortId(outcome.run_id) : `${from.run_name} (${shortId(outcome.run_id)})`}.
          </p>
        </div>
      );
    }
    case "upstream-unavailable":
      return (
        <div className={classes.why} data-look="skipped">
          <p>It was not triggered: {placeOf(outcome.task_key)}, before it, ended without outputs.</p>
          {tasks.byKey(outcome.task_key) !== undefined && (
            <Go label={`Show ${placeOf(outcome.task_key)}`} onClick={() => onSelect(outcome.task_key)} />
          )}
        </div>
      );
    case "condition-false":
      return (
        <div className={classes.why} data-look="skipped">
          <p>It was not triggered: its condition was false.</p>
          <pre className={classes.snippet}>{outcome.condition}</pre>
        </div>
      );
    case "cancelled":
      return (
        <div className={classes.why} data-look="canceled">
          <p>{outcome.by === "" ? "It was canceled with the run." : `It was canceled with the run, by ${outcome.by}.`}</p>
        </div>
      );
    case "kept":
      return (
        <div className={classes.why} data-look="succeeded">
          <p>It ended well in generation {outcome.generation} of this run, so the retry kept it.</p>
        </div>
      );
    default: {
      const told = progress === "" || task.ended_at !== null ? why : progress;
      return told === "" || task.state === "SUCCEEDED" ? null : (
        <div className={classes.why} data-look="running">
          <p>{told}</p>
        </div>
      );
    }
  }
}

function Go({ label, onClick }: { readonly label: string; readonly onClick: () => void }) {
  return (
    <Button variant="default" size="compact-sm" rightSection={<IconArrowRight size={14} aria-hidden />} onClick={onClick}>
      {label}
    </Button>
  );
}

function Traceback({ text }: { readonly text: string }) {
  const { raised, calls } = tracebackOf(text);
  return (
    <div className={classes.traceback}>
      {/* What was raised says most; Python has it last. */}
      <pre className={classes.raised} tabIndex={0} aria-label="Raised">
        {raised}
      </pre>
      {calls !== "" && (
        <pre tabIndex={0} aria-label="Traceback">
          {calls}
        </pre>
      )}
      <CopyButton value={text}>
        {({ copied, copy }) => (
          <Button className={classes.copy} variant="subtle" color="gray" size="compact-xs" leftSection={<IconCopy size={13} aria-hidden />} onClick={copy}>
            {copied ? "Copied" : "Copy"}
          </Button>
        )}
      </CopyButton>
    </div>
  );
}

function Times({ page }: { readonly page: TaskPage }) {
  const { task } = page;
  const waited = task.started_at === null ? 0 : task.started_at - task.created_at;
  return (
    <dl className={classes.times}>
      <div>
        <dt>Duration</dt>
        <dd>
          <Elapsed from={task.started_at} to={task.ended_at} />
        </dd>
      </div>
      <div>
        <dt>{task.started_at === null ? "Decided" : "Started"}</dt>
        <dd>{timestamp(task.started_at ?? task.created_at)}</dd>
      </div>
      {waited > 1000 && (
        <div>
          <dt title="From being due to its first line of code: environment, queue, start">Waited</dt>
          <dd>{duration(waited)}</dd>
        </div>
      )}
      {page.attempts.length > 1 && (
        <div>
          <dt>Attempts</dt>
          <dd>{page.attempts.length}</dd>
        </div>
      )}
      {task.iteration_count !== null && (
        <div>
          <dt>Iterations</dt>
          <dd>{task.iteration_count.toLocaleString("en")}</dd>
        </div>
      )}
    </dl>
  );
}

function PortsSection({ title, ports }: { readonly title: string; readonly ports: TaskPage["inputs"] }) {
  const known = ports.parameters.filter(({ has_value }) => has_value);
  if (known.length === 0 && ports.artifacts.every(({ artifacts }) => artifacts.length === 0)) return null;
  return (
    <Section title={title}>
      <ArtifactCards ports={ports.artifacts} />
      {known.length > 0 && <Parameters parameters={known.map(({ name, type, value }) => ({ name, type, value, note: "" }))} />}
    </Section>
  );
}

function Cache({ page }: { readonly page: TaskPage }) {
  const { cache } = page;
  if (cache.answer === "reused" || cache.answer === "not-asked" || (cache.sentence === "" && cache.parts.length === 0)) return null;
  return (
    <Section title="Reuse">
      <p className={classes.quiet}>{cache.sentence === "" ? "It was not reused." : `It was not reused: ${cache.sentence}`}</p>
      {cache.parts.length > 0 && (
        <details className={classes.details}>
          <summary>What decides whether it is reused</summary>
          <dl className={classes.fingerprint}>
            {cache.parts.map(({ name, value }) => (
              <div key={name}>
                <dt>{name}</dt>
                <dd title={value}>{value}</dd>
              </div>
            ))}
          </dl>
        </details>
      )}
      {cache.reused_from !== null && (
        <Link to="/runs/$runId" params={{ runId: cache.reused_from.run_id }} search={{ task: cache.reused_from.key }}>
          {cache.reused_from.name}
        </Link>
      )}
    </Section>
  );
}
