import { describe, expect, it } from "vitest";
import { duration } from "./durations";
import { ago } from "./moments";
import { bytes, counted, metric } from "./numbers";
import { inline, shortDigest, typeName } from "./values";

const MS = 1_000;
const S = 1_000 * MS;

describe("durations", () => {
  it.each([
    [0, "0 ms"],
    [-5 * S, "0 ms"],
    [340 * MS, "340 ms"],
    [999_600, "1.0 s"],
    [12.34 * S, "12.3 s"],
    [59.97 * S, "1 min 00 s"],
    [245 * S, "4 min 05 s"],
    [3_599.7 * S, "1 h 00 min"],
    [7_380 * S, "2 h 03 min"],
    [86_400 * S, "1 d 00 h"],
    [100 * 3_600 * S, "4 d 04 h"],
  ])("of %d microseconds reads %s", (microseconds, text) => {
    expect(duration(microseconds)).toBe(text);
  });
});

describe("moments", () => {
  const now = new Date(2026, 10, 25, 14, 0, 0).getTime();
  const before = (seconds: number) => now * 1_000 - seconds * S;

  it.each([
    [3, "just now"],
    [-30, "just now"],
    [42, "42 s ago"],
    [4 * 60 + 59, "4 min ago"],
    [3 * 3_600, "3 h ago"],
    [15 * 3_600, "yesterday 23:00"],
    [40 * 86_400, "2026-10-16"],
  ])("%d seconds before now read %s", (seconds, text) => {
    expect(ago(before(seconds), now)).toBe(text);
  });
});

describe("numbers", () => {
  it.each([
    [0.830958847, "0.831"],
    [74_498, "74,498"],
    [1, "1"],
    [0, "0"],
    [0.00000012345, "1.23e-7"],
    [12_345.678, "12,350"],
    [Number.NaN, "NaN"],
    [Number.POSITIVE_INFINITY, "Infinity"],
  ])("a metric of %d reads %s", (value, text) => {
    expect(metric(value)).toBe(text);
  });

  it.each([
    [812, "812 B"],
    [1_400, "1.4 kB"],
    [999_600, "1.0 MB"],
    [9_540_238, "9.5 MB"],
    [230_000_000, "230 MB"],
  ])("%d bytes read %s", (size, text) => {
    expect(bytes(size)).toBe(text);
  });

  it("are counted in one and many", () => {
    expect([counted(1, "run"), counted(1_200, "run"), counted(2, "try", "tries")]).toEqual(["1 run", "1,200 runs", "2 tries"]);
  });
});

describe("values", () => {
  it("stand on one line: strings as they are, the rest as JSON", () => {
    expect([inline("a"), inline([1, "a"]), inline(null), inline(undefined)]).toEqual(["a", '[1,"a"]', "null", ""]);
  });

  it("lose what all schema titles and digests share", () => {
    expect([typeName("system.Dataset"), typeName("my.Own"), typeName(""), shortDigest("sha256:18151faeb56a")]).toEqual([
      "Dataset",
      "my.Own",
      "Artifact",
      "18151fae",
    ]);
  });
});
