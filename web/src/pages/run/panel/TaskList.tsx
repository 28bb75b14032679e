import { useVirtualizer } from "@tanstack/react-virtual";
import { useMemo, useRef } from "react";
import type { TaskRow } from "@/api/runPage";
import { Elapsed } from "@/components/Elapsed";
import { sharesOf, tone } from "@/graph/appearance";
import { Mark } from "../Legend";
import { lookOfTask } from "../runTasks";
import classes from "./Panel.module.css";

interface TaskListProps {
  readonly label: string;
  readonly tasks: readonly TaskRow[];
  readonly onSelect: (name: string) => void;
}

const ROW = 32;
const WEIGHT = new Map([["failed", 0], ["running", 1], ["canceling", 1], ["pending", 2]]);

/** Tasks to choose from, those that want attention first. Only the rows in sight are in the page. */
export function TaskList({ label, tasks, onSelect }: TaskListProps) {
  const scroller = useRef<HTMLDivElement>(null);
  const sorted = useMemo(
    () =>
      tasks.toSorted(
        (a, b) =>
          (WEIGHT.get(lookOfTask(a)) ?? 9) - (WEIGHT.get(lookOfTask(b)) ?? 9) ||
          (a.iteration_index ?? 0) - (b.iteration_index ?? 0),
      ),
    [tasks],
  );
  const virtual = useVirtualizer({
    count: sorted.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    overscan: 10,
    initialRect: { width: 400, height: 600 },
  });
  const shares = sharesOf(tasks.map(lookOfTask));
  return (
    <div className={classes.list}>
      <div className={classes.bar} aria-hidden>
        {shares.map(({ look, count }) => (
          <span key={look} style={{ flexGrow: count, background: tone(look) }} />
        ))}
      </div>
      <div ref={scroller} className={classes.listScroll} role="list" aria-label={label} tabIndex={0}>
        <div style={{ height: virtual.getTotalSize() }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const task = sorted[index];
            if (task === undefined) return null;
            return (
              <div key={task.id} role="listitem" className={classes.listRow} style={{ transform: `translateY(${start}px)` }}>
                <button type="button" onClick={() => onSelect(task.key)}>
                  <Mark look={lookOfTask(task)} />
                  <span>{nameIn(task)}</span>
                  <span className={classes.quietCell}>
                    <Elapsed from={task.started_at} to={task.ended_at} />
                  </span>
                </button>
              </div>
            );
          })}
        </div>
      </div>
    </div>
  );
}

function nameIn(task: TaskRow): string {
  return task.iteration_index === null ? task.display_name : `${task.display_name} [${task.iteration_index}]`;
}
