import { useVirtualizer } from "@tanstack/react-virtual";
import { type KeyboardEvent, type RefObject, useEffect } from "react";
import type { TaskRow } from "@/api/runPage";

interface TaskRowsOptions {
  readonly rows: readonly TaskRow[];
  /** Pixels of each. */
  readonly height: number;
  readonly scroller: RefObject<HTMLElement | null>;
  readonly selected: string | null;
  readonly onSelect: (name: string) => void;
}

/** Rows of tasks of which only those in sight are in the page; the selected one is kept in sight, arrow keys move it. */
export function useTaskRows({ rows, height, scroller, selected, onSelect }: TaskRowsOptions) {
  const virtual = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => height,
    overscan: 12,
    initialRect: { width: 900, height: 700 },
  });
  const at = rows.findIndex(({ key }) => key === selected);
  const { scrollToIndex } = virtual;
  useEffect(() => {
    if (at !== -1) scrollToIndex(at, { align: "auto" });
  }, [at, scrollToIndex]);
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    const next = rows[at === -1 ? 0 : at + step];
    if (step === 0 || next === undefined) return;
    event.preventDefault();
    onSelect(next.key);
  };
  return { virtual, onKeyDown };
}
