/** What became of a run, in a sentence. Pure. */

import type { RunPageMessage } from "@/api/runPage";
import { counted } from "@/formats/numbers";

type Run = Pick<RunPageMessage["run"], "state" | "sentence" | "task_counts">;

/** The server's own words where it has some; else what the counts say. */
export function outcomeOf(run: Run): string {
  const text = told(run);
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function told({ state, sentence, task_counts: counts }: Run): string {
  switch (state) {
    case "PENDING":
      return "Waiting to start.";
    case "RUNNING": {
      const done = counts.succeeded + counts.reused + counts.skipped;
      const failed = counts.failed > 0 ? ` ${counted(counts.failed, "task")} failed.` : "";
      return `${counted(counts.running + counts.pending, "task")} under way, ${String(done)} done.${failed}`;
    }
    case "SUCCEEDED":
      return sentence || `${listed(counts)}.`;
    default:
      return sentence || "It ended without success.";
  }
}

function listed(counts: Run["task_counts"]): string {
  if (counts.succeeded === 0 && counts.reused > 0 && counts.skipped === 0) {
    return counts.reused === 1 ? "Its task was reused: nothing had changed" : `All ${String(counts.reused)} tasks were reused: nothing had changed`;
  }
  const parts = [
    counts.succeeded > 0 ? `${counted(counts.succeeded, "task")} succeeded` : "",
    counts.reused > 0 ? `${String(counts.reused)} reused` : "",
    counts.skipped > 0 ? `${String(counts.skipped)} not triggered` : "",
    counts.failed > 0 ? `${String(counts.failed)} failed without stopping it` : "",
  ].filter((part) => part !== "");
  return parts.length === 0 ? "There was nothing to do" : parts.join(", ");
}
