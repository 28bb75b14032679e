import { expect, test } from "vitest";

import type { RunPageMessage } from "@/api/runPage";
import { outcomeOf } from "./outcome";

type Counts = RunPageMessage["run"]["task_counts"];

function run(state: RunPageMessage["run"]["state"], counts: Partial<Counts> = {}, sentence = "") {
  const none = { pending: 0, running: 0, succeeded: 0, reused: 0, skipped: 0, failed: 0, canceled: 0 };
  return { state, sentence, task_counts: { ...none, ...counts } };
}

test("a run under way says how far it is", () => {
  expect(outcomeOf(run("RUNNING", { running: 1, succeeded: 3, reused: 1 }))).toBe("1 task under way, 4 done.");
});

test("a run under way says what has failed already", () => {
  expect(outcomeOf(run("RUNNING", { running: 2, failed: 1 }))).toBe("2 tasks under way, 0 done. 1 task failed.");
});

test("a run that succeeded says what ran and what did not", () => {
  expect(outcomeOf(run("SUCCEEDED", { succeeded: 12, reused: 1, skipped: 2 }))).toBe(
    "12 tasks succeeded, 1 reused, 2 not triggered.",
  );
});

test("a run that is all reuse says so", () => {
  expect(outcomeOf(run("SUCCEEDED", { reused: 13 }))).toBe("All 13 tasks were reused: nothing had changed.");
});

test("a run that failed says why in the server's words", () => {
  expect(outcomeOf(run("FAILED", { failed: 1 }, "task 'validate' failed: 241 rows are invalid"))).toBe(
    "Task 'validate' failed: 241 rows are invalid",
  );
});
