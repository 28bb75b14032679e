/** State marks, drawn with a line of width 2 in a square of 16. One shape per state: colour is never alone. */

import type { Look } from "@/theme/states";

/** How a node looks: as a task's state, `waiting` for one that has no row yet, `plain` where nothing has run. */
export type NodeLook = Look | "waiting" | "plain";

const CIRCLE = "M8 2.2A5.8 5.8 0 1 1 8 13.8A5.8 5.8 0 1 1 8 2.2Z";

export const GLYPHS: Readonly<Record<NodeLook, string>> = {
  waiting: "M3.5 8H3.6M7.95 8H8.05M12.4 8H12.5",
  plain: "",
  pending: CIRCLE,
  running: "M8 2.2A5.8 5.8 0 1 1 2.2 8",
  succeeded: "M3 8.4L6.6 12L13 4.6",
  reused: "M3 7.2A5.2 5.2 0 0 1 12.2 4.6M12.6 2V5.2H9.4M13 8.8A5.2 5.2 0 0 1 3.8 11.4M3.4 14V10.8H6.6",
  skipped: "M3.4 3.6L8.6 8L3.4 12.4M12.6 3.4V12.6",
  failed: "M3.8 3.8L12.2 12.2M12.2 3.8L3.8 12.2",
  canceling: "M8 2.2A5.8 5.8 0 1 1 2.2 8",
  canceled: `${CIRCLE}M4 4L12 12`,
  paused: "M5.6 3.4V12.6M10.4 3.4V12.6",
};

/** Marks of what a node is, where that is not a plain task. */
export const KIND_GLYPHS = {
  LOOP: "M2.6 8A4 3.6 0 0 1 6.6 4.4H13M10.4 1.8L13 4.4L10.4 7M13.4 8A4 3.6 0 0 1 9.4 11.6H3M5.6 9L3 11.6L5.6 14.2",
  CONDITION: "M8 1.8L14.2 8L8 14.2L1.8 8Z",
  CONDITION_BRANCH: "M8 14V9.4M8 9.4L3.4 4.6M8 9.4L12.6 4.6M3.4 8V4.6H6.8M12.6 8V4.6H9.2",
  EXIT_HANDLER: "M9.4 2.4H3V13.6H9.4M6.4 8H14M11.2 5.2L14 8L11.2 10.8",
  IMPORTER: "M8 1.8V10.2M4.6 7L8 10.4L11.4 7M2.4 13.6H13.6",
  DAG: "M6 2H10V5.4H6ZM1.8 10.6H5.8V14H1.8ZM10.2 10.6H14.2V14H10.2ZM8 5.4V8M3.8 10.6V8H12.2V10.6",
  // Artifacts, where lineage is drawn.
  DATASET: "M2.4 4A5.6 2.2 0 0 1 13.6 4V12A5.6 2.2 0 0 1 2.4 12ZM2.4 4A5.6 2.2 0 0 0 13.6 4M2.4 8A5.6 2.2 0 0 0 13.6 8",
  MODEL: "M8 1.8L13.6 5V11L8 14.2L2.4 11V5ZM2.4 5L8 8.2L13.6 5M8 8.2V14.2",
  METRICS: "M2.4 13.6V9M6.2 13.6V3.4M10 13.6V6.6M13.6 13.6V10.6",
  ARTIFACT: "M4 1.8H9.6L12.6 4.8V14.2H4ZM9.4 2V5H12.4",
  STACK: "M2 5.2L8 2L14 5.2L8 8.4ZM2 8.4L8 11.6L14 8.4M2 11.4L8 14.6L14 11.4",
} as const;

/** The mark of a node's kind; empty for a task that simply runs. */
export function kindGlyph(kind: string, isStack: boolean): string {
  if (isStack) return KIND_GLYPHS.STACK;
  return kind in KIND_GLYPHS ? KIND_GLYPHS[kind as keyof typeof KIND_GLYPHS] : "";
}
