import { describe, expect, test } from "vitest";

import type { RunPageMessage, TaskRow } from "@/api/runPage";
import { visibleGraph } from "@/graph/nodes";
import { RunTasks } from "./runTasks";

const SECOND = 1_000_000;

function node(id: string, kind = "RUNTIME") {
  const parent = id.includes("/") ? id.slice(0, id.lastIndexOf("/")) : null;
  const name = id.slice(id.lastIndexOf("/") + 1);
  return {
    id, parent_id: parent, name, display_name: name, kind, component: `comp-${name}`, condition: "", condition_label: "",
    loop: null, waits_for_end: false, is_exit_task: false,
  } as RunPageMessage["graph"]["nodes"][number];
}

function task(key: string, state: TaskRow["state"], more: Partial<TaskRow> = {}): TaskRow {
  const id = key.replace(/\[\d+\]/gu, "");
  const parent = key.includes("/") ? key.slice(0, key.lastIndexOf("/")).replace(/\[\d+\]$/u, "") : null;
  const name = id.slice(id.lastIndexOf("/") + 1);
  return {
    id: `id of ${key}`, key, node_id: id, parent_id: parent === null ? null : `id of ${parent}`, name, display_name: name,
    kind: parent === null ? "ROOT" : "RUNTIME", component: `comp-${name}`, iteration_index: null, iteration_count: null,
    state, outcome: null, created_at: 0, started_at: 0, ended_at: 2 * SECOND, attempt_count: 1, ...more,
  };
}

function run(state: TaskRow["state"], nodes: RunPageMessage["graph"]["nodes"], tasks: TaskRow[]) {
  const page = { run: { state, error: null }, graph: { nodes, edges: [], truncated: false }, tasks };
  return new RunTasks(page as unknown as RunPageMessage);
}

function shown(tasks: RunTasks, id: string, now = 0) {
  const graph = visibleGraph(tasks.page.graph.nodes, [], new Set());
  const all = (nodes: typeof graph.nodes): typeof graph.nodes => nodes.flatMap((each) => [each, ...all(each.children)]);
  const found = all(graph.nodes).find((each) => each.id === id);
  if (found === undefined) throw new Error(`no node '${id}'`);
  return tasks.appearance(found, now);
}

const ROOT = node("root", "ROOT");
const LOOP = [ROOT, node("root/loop", "LOOP"), node("root/loop/train")];
const iteration = (index: number, state: TaskRow["state"]) => task(`root/loop[${String(index)}]/train`, state, { iteration_index: index });
const loopTask = task("root/loop", "RUNNING", { kind: "LOOP", iteration_count: 4, ended_at: null });

describe("a node of the graph", () => {
  test("shows its task's state and duration", () => {
    const tasks = run("SUCCEEDED", [ROOT, node("root/a")], [task("root", "SUCCEEDED"), task("root/a", "SUCCEEDED")]);

    expect(shown(tasks, "root/a")).toEqual({ look: "succeeded", label: "a", detail: "2.0 s", shares: [] });
  });

  test("shows how long its task has been under way, in whole seconds", () => {
    const tasks = run("RUNNING", [ROOT, node("root/a")], [task("root", "RUNNING"), task("root/a", "RUNNING", { ended_at: null })]);

    expect(shown(tasks, "root/a", 7.6 * SECOND).detail).toBe("Running · 7.0 s");
  });

  test("waits while its task may come, and was not reached when it may not", () => {
    expect(shown(run("RUNNING", [ROOT, node("root/a")], [task("root", "RUNNING")]), "root/a").detail).toBe("Waiting");
    expect(shown(run("FAILED", [ROOT, node("root/a")], [task("root", "FAILED")]), "root/a").detail).toBe("Not reached");
  });

  test("inside a group that was not triggered was not reached, though the run goes on", () => {
    const group = task("root/if", "SKIPPED", { kind: "CONDITION" });
    const tasks = run("RUNNING", [ROOT, node("root/if", "CONDITION"), node("root/if/a")], [task("root", "RUNNING"), group]);

    expect(shown(tasks, "root/if/a").detail).toBe("Not reached");
  });

  test("of a loop counts iterations, those to come included", () => {
    const tasks = run("RUNNING", LOOP, [task("root", "RUNNING"), loopTask, iteration(0, "SUCCEEDED"), iteration(1, "FAILED")]);

    expect(shown(tasks, "root/loop").shares).toEqual([
      { look: "succeeded", count: 1 },
      { look: "failed", count: 1 },
      { look: "waiting", count: 2 },
    ]);
  });

  test("in a loop stands for all its iterations, and looks like the one that matters most", () => {
    const tasks = run("RUNNING", LOOP, [task("root", "RUNNING"), loopTask, iteration(0, "SUCCEEDED"), iteration(1, "FAILED")]);

    expect([shown(tasks, "root/loop/train").look, shown(tasks, "root/loop/train").detail]).toEqual(["failed", "4 tasks"]);
  });

  test("that shows the same is the same object", () => {
    const tasks = run("SUCCEEDED", [ROOT, node("root/a")], [task("root", "SUCCEEDED"), task("root/a", "SUCCEEDED")]);

    expect(shown(tasks, "root/a", 1)).toBe(shown(tasks, "root/a", 2));
  });
});

describe("the tasks of a run", () => {
  const tasks = run("FAILED", LOOP, [task("root", "FAILED"), loopTask, iteration(1, "FAILED"), iteration(0, "SUCCEEDED")]);

  test("stand behind what is around them, iterations in order", () => {
    expect(tasks.inOrder.map(({ key }) => key)).toEqual(["root/loop", "root/loop[0]/train", "root/loop[1]/train"]);
  });

  test("are selected by key, and nodes that stand for several by their ids", () => {
    expect(tasks.selected("root/loop[1]/train")?.kind).toBe("task");
    expect(tasks.selected("root/loop/train")).toMatchObject({ kind: "node", tasks: [{ state: "FAILED" }, { state: "SUCCEEDED" }] });
    expect(tasks.selected("root/nowhere")).toBe(null);
  });

  test("that are a stack in the graph are selected together", () => {
    const names = ["1", "2", "3", "4", "5", "6"].map((each) => `root/work-${each}`);
    const many = run("SUCCEEDED", [ROOT, ...names.map((id) => node(id))], [task("root", "SUCCEEDED"), ...names.map((id) => task(id, "SUCCEEDED"))]);

    expect(many.selected("stack:root/comp-work/1")).toMatchObject({ kind: "node", node: { display_name: "work" }, tasks: names.map((key) => ({ key })) });
  });

  test("have a first one that failed and did the work", () => {
    expect(tasks.firstFailed()?.key).toBe("root/loop[1]/train");
  });
});
