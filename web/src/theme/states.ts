/** How each state of a run or a task is called and drawn. Colours are variables of theme.css. */
import type { RuntimeState } from "@/api/types";

/** What a state looks like. SKIPPED is two things: outputs were reused, or it was not triggered. */
export type Look =
  | "pending" | "running" | "succeeded" | "reused" | "skipped" | "failed" | "canceling" | "canceled" | "paused";

const LOOKS: Record<RuntimeState, Look> = {
  PENDING: "pending",
  RUNNING: "running",
  SUCCEEDED: "succeeded",
  SKIPPED: "skipped",
  FAILED: "failed",
  CANCELING: "canceling",
  CANCELED: "canceled",
  PAUSED: "paused",
};

const NAMES: Record<Look, string> = {
  pending: "Pending",
  running: "Running",
  succeeded: "Succeeded",
  reused: "Reused",
  skipped: "Skipped",
  failed: "Failed",
  canceling: "Canceling",
  canceled: "Canceled",
  paused: "Paused",
};

/** The look of a run or, with the kind of its outcome, of a task. */
export function lookOf(state: RuntimeState, outcome?: string): Look {
  if (outcome === "reused") return "reused";
  // A retry did not run it again: what it did before stands.
  return outcome === "kept" ? "succeeded" : LOOKS[state];
}

export function nameOf(look: Look): string {
  return NAMES[look];
}

/** Whether nothing more will happen (within this generation). */
export function isFinal(state: RuntimeState): boolean {
  return state === "SUCCEEDED" || state === "SKIPPED" || state === "FAILED" || state === "CANCELED";
}

/** A CSS colour: `solid` for bars and outlines, `ink` for text, `tint` for what lies behind that text. */
export function colorOf(look: Look, part: "solid" | "ink" | "tint" = "solid"): string {
  return part === "solid" ? `var(--state-${look})` : `var(--state-${look}-${part})`;
}
