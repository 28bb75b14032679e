import { describe, expect, it } from "vitest";
import { metricNames, shownMetrics } from "./metricColumns";
import { filterOf, isFiltered, runsSearch } from "./search";

describe("the address of the list", () => {
  it("keeps what it knows and drops the rest", () => {
    expect(runsSearch({ name: "a", state: "FAILED", sort: "name asc", archived: "no", evil: "x", pipeline: "" })).toEqual({
      name: "a",
      state: "FAILED",
      sort: "name asc",
    });
  });

  it("takes a name that looks like a number as text", () => {
    expect(runsSearch({ name: 2026 })).toEqual({ name: "2026" });
  });

  it("drops an order that the server does not know", () => {
    expect(runsSearch({ sort: "owner asc" })).toEqual({});
  });

  it("becomes the filter of the call; unknown states are left out", () => {
    expect(filterOf({ state: "FAILED,BOGUS,RUNNING", experiment: "e", archived: "only" })).toEqual({
      state: ["RUNNING", "FAILED"],
      experiment_id: "e",
      archived: "only",
      sort: "created_at desc",
    });
  });

  it("with an order alone narrows nothing", () => {
    expect([isFiltered({ sort: "name asc", metrics: "auc" }), isFiltered({ state: "FAILED" })]).toEqual([false, true]);
  });
});

describe("metric columns", () => {
  const runs: { metrics: Record<string, number> }[] = [{ metrics: { b: 1, a: 1 } }, { metrics: { b: 2, c: 3 } }, { metrics: {} }];

  it("start with what most runs have, then by name", () => {
    expect(metricNames(runs)).toEqual(["b", "a", "c"]);
  });

  it("are the chosen ones, none if so chosen, else the first three", () => {
    expect([shownMetrics(["b", "a", "c", "d"], undefined), shownMetrics(["b"], "x,y"), shownMetrics(["b"], "-")]).toEqual([
      ["b", "a", "c"],
      ["x", "y"],
      [],
    ]);
  });
});
