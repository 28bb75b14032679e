import { expect, test } from "vitest";

import { heaviest, sharesOf } from "./appearance";

test("a group looks like the task that matters most", () => {
  expect(heaviest(["succeeded", "running", "failed"])).toBe("failed");
  expect(heaviest(["succeeded", "waiting"])).toBe("waiting");
  expect(heaviest(["skipped", "reused", "succeeded"])).toBe("succeeded");
  expect(heaviest([])).toBe("waiting");
});

test("shares stand in the order of a state bar, whatever came first", () => {
  expect(sharesOf(["waiting", "succeeded", "failed", "succeeded"])).toEqual([
    { look: "succeeded", count: 2 },
    { look: "failed", count: 1 },
    { look: "waiting", count: 1 },
  ]);
});
