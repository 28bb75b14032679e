import { expect, test } from "vitest";

import { ticksOf } from "./scale";

const SECOND = 1_000_000;

test("a short run is marked in milliseconds", () => {
  expect(ticksOf(0.5 * SECOND, 6).map(({ label }) => label)).toEqual(["0", "100 ms", "200 ms", "300 ms", "400 ms", "500 ms"]);
});

test("marks stand at steps that a person reads easily", () => {
  expect(ticksOf(23 * SECOND, 6).map(({ label }) => label)).toEqual(["0", "5 s", "10 s", "15 s", "20 s"]);
  expect(ticksOf(200 * SECOND, 4).map(({ label }) => label)).toEqual(["0", "1:00", "2:00", "3:00"]);
  expect(ticksOf(9000 * SECOND, 3).map(({ label }) => label)).toEqual(["0", "1:00:00", "2:00:00"]);
});

test("a run of nothing is marked once", () => {
  expect(ticksOf(0, 6)).toEqual([{ at: 0, label: "0" }]);
});

test("a run of weeks has no more marks than asked for", () => {
  expect(ticksOf(86400 * 60 * SECOND, 6).length).toBeLessThanOrEqual(7);
});
