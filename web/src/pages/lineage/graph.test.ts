import { expect, it } from "vitest";
import type { LineageGraph, LineageNode } from "@/api/types";
import { answeredId, appearanceOf, detailOf, drawnId, nameOf, pictureOf } from "./graph";

function artifact(part: Partial<Extract<LineageNode, { kind: "artifact" }>["artifact"]> = {}): LineageNode {
  const id = part.id ?? "a";
  return {
    kind: "artifact",
    id,
    hops: 0,
    artifact: {
      id,
      name: "model",
      type: "system.Model",
      uri: "/x",
      size: 6_900,
      digest: null,
      created_at: 0,
      metadata: {},
      preview: "binary",
      models: [],
      ...part,
    },
  };
}

function task(reused: boolean): LineageNode {
  return {
    kind: "task",
    id: "t",
    hops: 0,
    ended_at: null,
    task: {
      id: "t",
      key: "root/train",
      name: "train",
      kind: "RUNTIME",
      state: reused ? "SKIPPED" : "SUCCEEDED",
      run_id: "r",
      run_name: "nightly",
      pipeline: "churn",
      generation: 1,
      reused,
    },
  };
}

it("draws every node once, below one root, with the arrows between", () => {
  const lineage: LineageGraph = {
    focus_ids: ["a"],
    nodes: [task(false), artifact()],
    edges: [{ source_id: "t", target_id: "a", port: "model" }],
    truncated: false,
  };

  const { nodes, edges } = pictureOf(lineage);

  expect(nodes.map(({ id, parent_id, kind }) => [id, parent_id, kind])).toEqual([
    ["lineage", null, "ROOT"],
    ["lineage/t", "lineage", "RUNTIME"],
    ["lineage/a", "lineage", "MODEL"],
  ]);
  expect(edges).toEqual([{ source_id: "lineage/t", target_id: "lineage/a", kind: "data" }]);
});

it("finds its way back from the picture", () => {
  expect(answeredId(drawnId("a/b"))).toBe("a/b");
});

it("calls a registered model by its name and version", () => {
  expect([nameOf(artifact()), nameOf(artifact({ models: [{ name: "churn", version: 3, aliases: [] }] }))]).toEqual(["model", "churn v3"]);
});

it("shows a reused task as reused, in the run that it belongs to", () => {
  expect([appearanceOf(task(true)).look, detailOf(task(true)), detailOf(artifact({ size: null }))]).toEqual(["reused", "nightly", "Model"]);
});
