import { TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconSearch } from "@tabler/icons-react";
import { useDeferredValue, useMemo, useRef, useState } from "react";
import type { TaskRow } from "@/api/runPage";
import { Elapsed } from "@/components/Elapsed";
import { StateBadge } from "@/components/StateBadge";
import { duration } from "@/formats/durations";
import { timestamp } from "@/formats/moments";
import { sharesOf } from "@/graph/appearance";
import { nameOf } from "@/theme/states";
import { Mark } from "../Legend";
import { componentName, doesWork, lookOfTask, placeOf, type RunTasks } from "../runTasks";
import { useTaskRows } from "../useTaskRows";
import { type Order, ordered, type SortKey } from "./order";
import classes from "./TaskTable.module.css";

interface TaskTableProps {
  readonly tasks: RunTasks;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

const ROW = 36;

const COLUMNS: readonly { readonly key: SortKey; readonly label: string; readonly right?: boolean }[] = [
  { key: "state", label: "State" },
  { key: "name", label: "Task" },
  { key: "component", label: "Component" },
  { key: "started", label: "Started" },
  { key: "waited", label: "Waited", right: true },
  { key: "duration", label: "Duration", right: true },
  { key: "attempts", label: "Attempts", right: true },
];

/** Every task of the run, to filter and to sort. Only the rows in sight are in the page. */
export function TaskTable({ tasks, selected, onSelect }: TaskTableProps) {
  const [text, setText] = useState("");
  const wanted = useDeferredValue(text.trim().toLowerCase());
  const [look, setLook] = useState<string | null>(null);
  const [order, setOrder] = useState<Order | null>(null);
  const shares = useMemo(() => sharesOf(tasks.inOrder.filter(({ kind }) => doesWork(kind)).map(lookOfTask)), [tasks]);
  const rows = useMemo(() => {
    const kept = tasks.inOrder.filter(
      (task) =>
        (look === null || (lookOfTask(task) === look && doesWork(task.kind))) &&
        (wanted === "" || task.key.toLowerCase().includes(wanted) || task.display_name.toLowerCase().includes(wanted)),
    );
    return order === null ? kept : ordered(kept, order);
  }, [tasks, look, wanted, order]);

  const scroller = useRef<HTMLDivElement>(null);
  const { virtual, onKeyDown } = useTaskRows({ rows, height: ROW, scroller, selected, onSelect });
  return (
    <div className={classes.table}>
      <div className={classes.tools}>
        <TextInput
          className={classes.search}
          size="xs"
          placeholder="Find a task"
          aria-label="Find a task"
          leftSection={<IconSearch size={14} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        {shares.map(({ look: each, count }) => (
          <button key={each} type="button" className={classes.chip} aria-pressed={look === each} onClick={() => setLook(look === each ? null : each)}>
            <Mark look={each} />
            {each === "waiting" || each === "plain" ? "Waiting" : nameOf(each)}
            <span>{count.toLocaleString("en")}</span>
          </button>
        ))}
      </div>
      <div ref={scroller} className={classes.scroll} role="table" aria-label="Tasks" aria-rowcount={rows.length + 1} tabIndex={0} onKeyDown={onKeyDown}>
        <div className={classes.head} role="row">
          {COLUMNS.map(({ key, label, right }) => (
            <div key={key} role="columnheader" data-right={right} aria-sort={order?.key === key ? (order.descending ? "descending" : "ascending") : "none"}>
              <button type="button" onClick={() => setOrder(next(order, key))}>
                {label}
                {order?.key === key && (order.descending ? <IconArrowDown size={13} aria-hidden /> : <IconArrowUp size={13} aria-hidden />)}
              </button>
            </div>
          ))}
        </div>
        <div role="rowgroup" style={{ height: virtual.getTotalSize(), position: "relative" }}>
          {virtual.getVirtualItems().map(({ index, start }) => {
            const task = rows[index];
            return task === undefined ? null : (
              <Row
                key={task.id}
                task={task}
                index={index}
                start={start}
                depth={order === null && wanted === "" && look === null ? tasks.depthOf(task) : 0}
                isSelected={task.key === selected}
                onSelect={onSelect}
              />
            );
          })}
        </div>
        {rows.length === 0 && <p className={classes.none}>{tasks.inOrder.length === 0 ? "No task has started." : "No task is like that."}</p>}
      </div>
    </div>
  );
}

function next(order: Order | null, key: SortKey): Order | null {
  if (order?.key !== key) return { key, descending: key === "duration" || key === "waited" || key === "attempts" };
  return order.descending === (key === "duration" || key === "waited" || key === "attempts") ? { key, descending: !order.descending } : null;
}

interface RowProps {
  readonly task: TaskRow;
  readonly index: number;
  readonly start: number;
  readonly depth: number;
  readonly isSelected: boolean;
  readonly onSelect: (name: string) => void;
}

function Row({ task, index, start, depth, isSelected, onSelect }: RowProps) {
  const waited = task.started_at === null || !doesWork(task.kind) ? null : task.started_at - task.created_at;
  return (
    <div
      className={classes.row}
      role="row"
      aria-rowindex={index + 2}
      data-selected={isSelected || undefined}
      style={{ transform: `translateY(${start}px)` }}
      onClick={() => onSelect(task.key)}
    >
      <div role="cell">
        <StateBadge state={task.state} {...(task.outcome === null ? {} : { outcome: task.outcome.kind })} />
      </div>
      <div role="cell" style={{ paddingLeft: 10 + depth * 18 }}>
        <button type="button" className={classes.name} title={placeOf(task.key)}>
          {task.display_name}
          {task.iteration_index !== null && <span> [{task.iteration_index}]</span>}
        </button>
      </div>
      <div role="cell" className={classes.quiet}>
        {doesWork(task.kind) ? componentName(task.component) : kindName(task.kind)}
      </div>
      <div role="cell" className={classes.quiet}>
        {task.started_at === null ? "–" : timestamp(task.started_at).slice(11)}
      </div>
      <div role="cell" data-right className={classes.quiet}>
        {waited === null ? "–" : duration(waited)}
      </div>
      <div role="cell" data-right>
        <Elapsed from={task.started_at} to={task.ended_at} />
      </div>
      <div role="cell" data-right className={classes.quiet}>
        {task.attempt_count === 0 ? "–" : task.attempt_count}
      </div>
    </div>
  );
}

function kindName(kind: string): string {
  return kind.toLowerCase().replaceAll("_", " ").replace("dag", "sub-pipeline");
}
