import { useMemo, useRef } from "react";
import type { TaskRow } from "@/api/runPage";
import { useNow } from "@/components/Ago";
import { duration } from "@/formats/durations";
import { tone } from "@/graph/appearance";
import { useExtent } from "@/graph/camera";
import { nameOf } from "@/theme/states";
import { Mark } from "../Legend";
import { doesWork, lookOfTask, placeOf, type RunTasks } from "../runTasks";
import { useTaskRows } from "../useTaskRows";
import { type Bars, barsOf, extentOf, type Span } from "./bars";
import { ticksOf } from "./scale";
import classes from "./Timeline.module.css";

interface TimelineProps {
  readonly tasks: RunTasks;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

const ROW = 30;
const NAMES = 240;
const TICK_ROOM = 90;
/** Room at the right for the last bar's label. */
const RIGHT = 76;

/** When each task waited and ran. */
export function Timeline({ tasks, selected, onSelect }: TimelineProps) {
  const now = useNow(tasks.isLive ? 500 : 3_600_000) * 1000;
  const frame = useRef<HTMLDivElement>(null);
  const width = useExtent(frame)?.width ?? 900;
  const rows = tasks.inOrder;
  const extent = useMemo(() => extentOf(rows, tasks.isLive ? now : 0), [rows, tasks.isLive, now]);
  const room = Math.max(120, width - NAMES - RIGHT);
  const length = Math.max(1, extent.to - extent.from);
  const ticks = ticksOf(length, Math.max(2, Math.floor(room / TICK_ROOM)));
  const x = (moment: number) => ((moment - extent.from) / length) * room;

  const { virtual, onKeyDown } = useTaskRows({ rows, height: ROW, scroller: frame, selected, onSelect });
  return (
    <div ref={frame} className={classes.timeline} role="group" tabIndex={0} onKeyDown={onKeyDown} aria-label="Timeline">
      <div className={classes.axis} aria-hidden>
        {ticks.map((tick) => (
          <span key={tick.at} style={{ left: NAMES + (tick.at / length) * room }}>
            {tick.label}
          </span>
        ))}
      </div>
      <div className={classes.rows} style={{ height: virtual.getTotalSize() }}>
        {ticks.map((tick) => (
          <i key={tick.at} className={classes.tick} style={{ left: NAMES + (tick.at / length) * room }} />
        ))}
        {virtual.getVirtualItems().map(({ index, start }) => {
          const task = rows[index];
          return task === undefined ? null : (
            <button
              key={task.id}
              type="button"
              tabIndex={-1}
              className={classes.row}
              data-selected={task.key === selected || undefined}
              style={{ transform: `translateY(${start}px)` }}
              onClick={() => onSelect(task.key)}
              title={placeOf(task.key)}
            >
              <span className={classes.name} style={{ paddingLeft: 14 + tasks.depthOf(task) * 16 }}>
                <Mark look={lookOfTask(task)} size={13} />
                <span>
                  {task.display_name}
                  {task.iteration_index !== null && <small> [{task.iteration_index}]</small>}
                </span>
              </span>
              <TaskBars task={task} bars={barsOf(task, tasks.isLive ? now : extent.to)} x={x} />
            </button>
          );
        })}
      </div>
      {rows.length === 0 && <p className={classes.none}>No task has started.</p>}
    </div>
  );
}

interface TaskBarsProps {
  readonly task: TaskRow;
  readonly bars: Bars;
  readonly x: (moment: number) => number;
}

function TaskBars({ task, bars, x }: TaskBarsProps) {
  const look = lookOfTask(task);
  const place = (span: Span, least: number) => ({ left: x(span.from), width: Math.max(least, x(span.to) - x(span.from)) });
  const { waiting, running, decided } = bars;
  return (
    <span className={classes.bars}>
      {waiting !== null && <span className={classes.waiting} style={place(waiting, 0)} title={`Waited ${duration(waiting.to - waiting.from)}`} />}
      {running !== null && (
        <>
          <span
            className={doesWork(task.kind) ? classes.running : classes.bracket}
            data-live={task.ended_at === null || undefined}
            style={{ ...place(running, 3), background: tone(look) }}
          />
          <span className={classes.length} style={{ left: Math.max(x(running.to), x(running.from) + 3) + 6 }}>
            {duration(running.to - running.from)}
          </span>
        </>
      )}
      {decided !== null && (
        <>
          <span className={classes.decided} style={{ left: x(decided), borderColor: tone(look) }} />
          <span className={classes.length} style={{ left: x(decided) + 12 }}>
            {look === "waiting" || look === "plain" ? "" : nameOf(look).toLowerCase()}
          </span>
        </>
      )}
    </span>
  );
}
