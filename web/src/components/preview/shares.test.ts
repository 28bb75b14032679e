import { expect, test } from "vitest";

import { areaUnder, curveOf, share } from "./shares";

test("a share of nothing is nothing", () => {
  expect([share(1, 4), share(0, 0)]).toEqual([0.25, 0]);
});

test("a curve runs from corner to corner, whatever order its points came in", () => {
  const points = [
    { threshold: 0.2, fpr: 0.5, tpr: 0.9 },
    { threshold: 0.8, fpr: 0.1, tpr: 0.6 },
  ];

  expect(curveOf(points).map(({ fpr, tpr }) => [fpr, tpr])).toEqual([[0, 0], [0.1, 0.6], [0.5, 0.9], [1, 1]]);
});

test("guessing has half the area, and certainty all of it", () => {
  expect(areaUnder([])).toBe(0.5);
  expect(areaUnder([{ threshold: 0.5, fpr: 0, tpr: 1 }])).toBe(1);
});

test("points that are no numbers are left out", () => {
  expect(areaUnder([{ threshold: 0.5, fpr: NaN, tpr: 1 }])).toBe(0.5);
});
