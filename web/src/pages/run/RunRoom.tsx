import { Tabs } from "@mantine/core";
import { IconChartBar, IconList, IconSchema, IconTimeline } from "@tabler/icons-react";
import { lazy, Suspense, useCallback, useEffect, useMemo } from "react";
import { type RunPageMessage, useRunEvents } from "@/api/runPage";
import { useNow } from "@/components/Ago";
import { PageLoading } from "@/components/PageLoading";
import { GraphView } from "@/graph/GraphView";
import type { VisibleNode } from "@/graph/nodes";
import { isFinal } from "@/theme/states";
import { Legend } from "./Legend";
import classes from "./Run.module.css";
import { RunHead } from "./RunHead";
import { RunTasks } from "./runTasks";
import { type View, VIEWS } from "./search";
import { SidePanel } from "./panel/SidePanel";
import { TaskTable } from "./table/TaskTable";
import { Timeline } from "./timeline/Timeline";
import { useSelection } from "./useSelection";

const Results = lazy(() => import("./results/Results"));

const LABELS: Readonly<Record<View, { readonly label: string; readonly Icon: typeof IconList }>> = {
  graph: { label: "Graph", Icon: IconSchema },
  timeline: { label: "Timeline", Icon: IconTimeline },
  table: { label: "Tasks", Icon: IconList },
  results: { label: "Results", Icon: IconChartBar },
};

/** The page of a run that has been loaded. */
export function RunRoom({ page }: { readonly page: RunPageMessage }) {
  const isLive = !isFinal(page.run.state);
  const events = useRunEvents(page.run.id, isLive, page.last_event_seq);
  const tasks = useMemo(() => new RunTasks(page), [page]);
  const { search, select, close, show } = useSelection();
  const selection = useMemo(() => tasks.selected(search.task), [tasks, search.task]);
  const view = search.view ?? "graph";
  useTaskKeys(tasks, search.task, select, close);

  return (
    <div className={classes.room}>
      <RunHead page={page} tasks={tasks} connection={events.connection} />
      <div className={classes.split} data-panel={selection !== null || undefined}>
        <Tabs className={classes.views} value={view} onChange={(value) => show(VIEWS.find((each) => each === value) ?? "graph")} keepMounted={false}>
          <Tabs.List className={classes.tabs}>
            {VIEWS.map((each) => {
              const { label, Icon } = LABELS[each];
              return (
                <Tabs.Tab key={each} value={each} leftSection={<Icon size={16} aria-hidden />}>
                  {label}
                </Tabs.Tab>
              );
            })}
          </Tabs.List>
          <Tabs.Panel value="graph" className={classes.view}>
            <RunGraph page={page} tasks={tasks} isLive={isLive} selected={search.task ?? null} onSelect={select} />
          </Tabs.Panel>
          <Tabs.Panel value="timeline" className={classes.view}>
            <Timeline tasks={tasks} selected={search.task ?? null} onSelect={select} />
          </Tabs.Panel>
          <Tabs.Panel value="table" className={classes.view}>
            <TaskTable tasks={tasks} selected={search.task ?? null} onSelect={select} />
          </Tabs.Panel>
          <Tabs.Panel value="results" className={classes.view}>
            <Suspense fallback={<PageLoading />}>
              <Results runId={page.run.id} tasks={tasks} />
            </Suspense>
          </Tabs.Panel>
        </Tabs>
        {selection !== null && (
          <SidePanel selection={selection} tasks={tasks} progress={events.progress} onClose={close} onSelect={select} />
        )}
      </div>
    </div>
  );
}

interface RunGraphProps {
  readonly page: RunPageMessage;
  readonly tasks: RunTasks;
  readonly isLive: boolean;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

function RunGraph({ page, tasks, isLive, selected, onSelect }: RunGraphProps) {
  const now = useNow(isLive ? 1_000 : 3_600_000);
  const appearanceOf = useCallback((node: VisibleNode) => tasks.appearance(node, now * 1000), [tasks, now]);
  const onNode = useCallback((node: VisibleNode) => onSelect(tasks.nameOf(node)), [tasks, onSelect]);
  const node = selected === null ? null : (tasks.byKey(selected)?.node_id ?? selected);
  return (
    <GraphView
      nodes={page.graph.nodes}
      edges={page.graph.edges}
      appearanceOf={appearanceOf}
      selected={node}
      onSelect={onNode}
      label={`Graph of ${page.run.name}`}
    >
      <Legend tasks={tasks} />
    </GraphView>
  );
}

/** J and K go through the tasks, Escape closes the panel; not while a person writes. */
function useTaskKeys(tasks: RunTasks, selected: string | undefined, select: (name: string) => void, close: () => void) {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target) || isInDialog()) return;
      if (event.key === "Escape" && selected !== undefined) close();
      if (event.key !== "j" && event.key !== "k") return;
      const at = tasks.inOrder.findIndex(({ key }) => key === selected);
      const step = event.key === "j" ? 1 : -1;
      const next = at === -1 ? (step === 1 ? 0 : tasks.inOrder.length - 1) : at + step;
      const task = tasks.inOrder[next];
      if (task !== undefined) select(task.key);
    };
    window.addEventListener("keydown", onKeyDown);
    return () => window.removeEventListener("keydown", onKeyDown);
  }, [tasks, selected, select, close]);
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function isInDialog(): boolean {
  return document.querySelector("[role=dialog]") !== null;
}
