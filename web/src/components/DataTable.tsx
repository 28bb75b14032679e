import { Checkbox } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useCallback, useRef, useState, type ReactNode } from "react";
import classes from "./DataTable.module.css";

/** Order of a list: a key of the API, `-` before it for the greatest first. */
export type Sort = string;

export interface Column<Row> {
  id: string;
  header: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Key to sort by, where the list can be sorted by this column. */
  sort?: string;
  /** CSS width. What has none shares the rest. */
  width?: number | string;
  align?: "right";
}

export interface Selection {
  ids: ReadonlySet<string>;
  toggle: (id: string) => void;
  /** Name of the row for those who cannot see it. */
  label: (id: string) => string;
}

interface DataTableProps<Row> {
  /** What the table lists, for those who cannot see it. */
  label: string;
  columns: readonly Column<Row>[];
  rows: readonly Row[];
  idOf: (row: Row) => string;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  selection?: Selection;
  /** A click anywhere on the row that is on nothing else. The row has a link of its own for the keyboard. */
  onOpen?: (row: Row) => void;
  /** Called when the end comes into sight. */
  onEnd?: () => void;
  foot?: ReactNode;
}

const ROW_HEIGHT = 42;

/** A list as a table with a head that stays; only the rows in sight are in the page. */
export function DataTable<Row>(props: DataTableProps<Row>) {
  const { label, columns, rows, idOf, selection, onEnd, foot } = props;
  const scroller = useRef<HTMLDivElement>(null);
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: 12,
    initialRect: { width: 1000, height: 1000 },
  });
  const items = virtual.getVirtualItems();
  const before = items[0]?.start ?? 0;
  const after = virtual.getTotalSize() - (items.at(-1)?.end ?? 0);
  const onScroll = useCallback(
    (event: React.UIEvent<HTMLDivElement>) => {
      const { scrollHeight, scrollTop, clientHeight } = event.currentTarget;
      if (scrollHeight - scrollTop - clientHeight < 400) onEnd?.();
    },
    [onEnd],
  );
  return (
    <div className={classes.scroller} ref={scroller} onScroll={onScroll} tabIndex={0} role="region" aria-label={label}>
      <table className={classes.table} aria-rowcount={rows.length + 1}>
        <colgroup>
          {selection !== undefined && <col style={{ width: 34 }} />}
          {columns.map((column) => (
            <col key={column.id} style={{ width: column.width }} />
          ))}
        </colgroup>
        <thead>
          <tr>
            {selection !== undefined && (
              <th scope="col">
                <span className="visually-hidden">Selected</span>
              </th>
            )}
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {before > 0 && <Spacer height={before} />}
          {items.map((item) => {
            const row = rows[item.index];
            return row === undefined ? null : <BodyRow key={idOf(row)} row={row} index={item.index} {...props} />;
          })}
          {after > 0 && <Spacer height={after} />}
        </tbody>
      </table>
      {foot}
    </div>
  );
}

function Spacer({ height }: { height: number }) {
  return (
    <tr aria-hidden className={classes.spacer}>
      <td style={{ height }} />
    </tr>
  );
}

function Head<Row>({ column, sort, onSort }: { column: Column<Row>; sort?: Sort; onSort?: (sort: Sort) => void }) {
  const key = column.sort;
  const direction = key === undefined ? undefined : sort === key ? "ascending" : sort === `-${key}` ? "descending" : undefined;
  return (
    <th scope="col" data-align={column.align} aria-sort={direction}>
      {key === undefined || onSort === undefined ? (
        column.header
      ) : (
        <button type="button" className={classes.sort} onClick={() => onSort(direction === "descending" ? key : `-${key}`)}>
          {column.header}
          {direction === "ascending" && <IconArrowUp size={13} aria-hidden />}
          {direction === "descending" && <IconArrowDown size={13} aria-hidden />}
        </button>
      )}
    </th>
  );
}

function BodyRow<Row>(props: DataTableProps<Row> & { row: Row; index: number }) {
  const { row, index, columns, idOf, selection, onOpen } = props;
  const id = idOf(row);
  const selected = selection?.ids.has(id) ?? false;
  return (
    <tr
      aria-rowindex={index + 2}
      aria-selected={selection === undefined ? undefined : selected}
      data-open={onOpen !== undefined || undefined}
      onClick={(event) => {
        if (onOpen === undefined || isOnSomething(event.target) || hasSelectedText()) return;
        onOpen(row);
      }}
    >
      {selection !== undefined && (
        <td>
          <Checkbox
            size="xs"
            checked={selected}
            onChange={() => selection.toggle(id)}
            aria-label={`Select ${selection.label(id)}`}
          />
        </td>
      )}
      {columns.map((column) => (
        <td key={column.id} data-align={column.align}>
          {column.cell(row)}
        </td>
      ))}
    </tr>
  );
}

function isOnSomething(target: EventTarget): boolean {
  return target instanceof Element && target.closest("a, button, input, label") !== null;
}

function hasSelectedText(): boolean {
  return window.getSelection()?.isCollapsed === false;
}

/** A selection of rows that lives as long as the page. */
export function useSelection(label: (id: string) => string): Selection & { clear: () => void } {
  const [ids, setIds] = useState<ReadonlySet<string>>(new Set());
  const toggle = useCallback((id: string) => {
    setIds((old) => {
      const next = new Set(old);
      if (!next.delete(id)) next.add(id);
      return next;
    });
  }, []);
  return { ids, toggle, label, clear: () => setIds(new Set()) };
}
