import { expect, it } from "vitest";
import { greatest, metricRows, parameterRows } from "./rows";
import { compareSearch } from "./search";

function parameters(values: Record<string, unknown>) {
  const given = Object.entries(values).map(([name, value]) => ({ name, value, type: "STRING" as const, is_default: false }));
  return { parameters: given };
}

it("has a row per name, with a gap where a run has none", () => {
  expect(metricRows([{ metrics: { auc: 0.8, f1: 0.7 } }, { metrics: { auc: 0.9 } }])).toEqual([
    { name: "auc", values: [0.8, 0.9], differs: true },
    { name: "f1", values: [0.7, undefined], differs: true },
  ]);
});

it("compares lists and objects by what is in them", () => {
  const rows = parameterRows([parameters({ grid: [{ C: 1 }] }), parameters({ grid: [{ C: 1 }] })]);

  expect(rows.map(({ differs }) => differs)).toEqual([false]);
});

it("marks the greatest number, and none where all are the same", () => {
  expect([greatest({ values: [1, 3, undefined, 3] }), greatest({ values: [2, undefined] }), greatest({ values: [2, 2] })]).toEqual([
    new Set([1, 3]),
    new Set(),
    new Set(),
  ]);
});

it("reads kfp's own address of a comparison", () => {
  expect(compareSearch({ runlist: "a,b" })).toEqual({ runs: "a,b" });
});
