import { Tabs } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { type TaskPage, taskQuery, type TaskRow } from "@/api/runPage";
import { ErrorState } from "@/components/ErrorState";
import { PageLoading } from "@/components/PageLoading";
import { StateBadge } from "@/components/StateBadge";
import { placeOf, type RunTasks } from "../runTasks";
import { TABS } from "../search";
import { useSelection } from "../useSelection";
import { LogView } from "../log/LogView";
import { CodeView } from "./CodeView";
import { Overview } from "./Overview";
import classes from "./Panel.module.css";
import { PanelHead } from "./SidePanel";

interface TaskPanelProps {
  readonly task: TaskRow;
  readonly tasks: RunTasks;
  /** What it says of itself while it is under way; may be empty. */
  readonly progress: string;
  readonly onClose: () => void;
  readonly onSelect: (name: string) => void;
}

/** One task: why it is in its state, what went in and out, its log, its code. */
export function TaskPanel({ task, tasks, progress, onClose, onSelect }: TaskPanelProps) {
  const { search, look } = useSelection();
  const { data, error, refetch } = useQuery(taskQuery(tasks.page.run.id, task.id));
  const place = placeOf(task.key);
  const above = place.includes(" / ") ? place.slice(0, place.lastIndexOf(" / ")) : "";
  return (
    <>
      <PanelHead title={task.display_name} above={above} onClose={onClose}>
        <StateBadge state={task.state} {...(task.outcome === null ? {} : { outcome: task.outcome.kind })} />
      </PanelHead>
      {data === undefined ? (
        error === null ? <PageLoading /> : <ErrorState error={error} retry={() => void refetch()} />
      ) : (
        <Views page={data} tasks={tasks} progress={progress} tab={search.tab ?? "overview"} look={look} onSelect={onSelect} />
      )}
    </>
  );
}

interface ViewsProps extends Pick<TaskPanelProps, "tasks" | "progress" | "onSelect"> {
  readonly page: TaskPage;
  readonly tab: (typeof TABS)[number];
  readonly look: (tab: (typeof TABS)[number]) => void;
}

function Views({ page, tasks, progress, tab, look, onSelect }: ViewsProps) {
  const hasLog = page.attempts.length > 0;
  const hasCode = page.code !== null;
  const shown = (tab === "log" && !hasLog) || (tab === "code" && !hasCode) ? "overview" : tab;
  return (
    <Tabs className={classes.panelTabs} value={shown} onChange={(value) => look(TABS.find((each) => each === value) ?? "overview")} keepMounted={false}>
      <Tabs.List className={classes.tabs}>
        <Tabs.Tab value="overview">Overview</Tabs.Tab>
        {hasLog && <Tabs.Tab value="log">Log</Tabs.Tab>}
        {hasCode && <Tabs.Tab value="code">Code and environment</Tabs.Tab>}
      </Tabs.List>
      <Tabs.Panel value="overview" className={classes.panelBody} tabIndex={0}>
        <Overview page={page} tasks={tasks} progress={progress} onSelect={onSelect} onLog={hasLog ? () => look("log") : null} />
      </Tabs.Panel>
      {hasLog && (
        <Tabs.Panel value="log" className={classes.panelLog}>
          <LogView runId={page.run.id} taskId={page.task.id} attempts={page.attempts} name={page.task.display_name} />
        </Tabs.Panel>
      )}
      {page.code !== null && (
        <Tabs.Panel value="code" className={classes.panelBody} tabIndex={0}>
          <CodeView page={page} code={page.code} />
        </Tabs.Panel>
      )}
    </Tabs>
  );
}
