import { describe, expect, test } from "vitest";

import { ancestors, drawnFor, type GraphEdge, type GraphNode, visibleGraph } from "./nodes";

/** Nodes by their paths below the root; a path that ends in `*` is a loop. All tasks are of one component. */
function nodes(...paths: string[]): GraphNode[] {
  const root = { id: "root", parent_id: null, display_name: "pipeline", kind: "ROOT", component: "" };
  return [
    root,
    ...paths.map((path) => {
      const id = `root/${path.replace("*", "")}`;
      const parent = id.slice(0, id.lastIndexOf("/"));
      const kind = path.endsWith("*") ? "LOOP" : "RUNTIME";
      return { id, parent_id: parent, display_name: id.slice(parent.length + 1), kind, component: kind === "LOOP" ? id : "comp-work" };
    }),
  ];
}

function edges(...pairs: string[]): GraphEdge[] {
  return pairs.map((pair) => {
    const [source = "", target = ""] = pair.split(">");
    return { source_id: `root/${source}`, target_id: `root/${target}`, kind: "data" };
  });
}

const NONE = new Set<string>();
const NUMBERS = ["1", "2", "3", "4", "5", "6"];

describe("the visible graph", () => {
  test("groups hold what is inside them, with the edges there", () => {
    const graph = visibleGraph(nodes("a", "loop*", "loop/b", "loop/c"), edges("a>loop", "loop/b>loop/c"), NONE);

    expect(graph.nodes.map(({ id }) => id)).toEqual(["root/a", "root/loop"]);
    expect(graph.nodes[1]?.children.map(({ id }) => id)).toEqual(["root/loop/b", "root/loop/c"]);
    expect(graph.nodes[1]?.edges).toEqual([{ source: "root/loop/b", target: "root/loop/c", orderOnly: false }]);
  });

  test("an edge along which data flows and an order are one edge", () => {
    const both = [...edges("a>b"), { source_id: "root/a", target_id: "root/b", kind: "order" }];

    expect(visibleGraph(nodes("a", "b"), both, NONE).edges).toEqual([{ source: "root/a", target: "root/b", orderOnly: false }]);
  });

  test("many tasks that are alike are a stack", () => {
    const graph = visibleGraph(
      nodes("first", ...NUMBERS, "last"),
      edges(...NUMBERS.flatMap((each) => [`first>${each}`, `${each}>last`])),
      NONE,
    );

    expect(graph.nodes.map(({ id, members }) => [id, members.length])).toEqual([
      ["root/first", 0],
      ["stack:root/comp-work/1", 6],
      ["root/last", 0],
    ]);
    expect(graph.edges.map(({ source, target }) => `${source}>${target}`)).toEqual([
      "root/first>stack:root/comp-work/1",
      "stack:root/comp-work/1>root/last",
    ]);
  });

  test("uses of a component that the compiler numbered are alike", () => {
    const numbered = nodes(...NUMBERS).map((node) => (node.kind === "ROOT" ? node : { ...node, component: `comp-work-${node.display_name}` }));

    expect(visibleGraph(numbered, [], NONE).nodes.map(({ members }) => members.length)).toEqual([6]);
  });

  test("tasks with other tasks before them are not alike", () => {
    const graph = visibleGraph(nodes("a", "b", ...NUMBERS), edges(...NUMBERS.map((each) => `${Number(each) % 2 ? "a" : "b"}>${each}`)), NONE);

    expect(graph.nodes).toHaveLength(8);
  });

  test("nothing has no nodes", () => {
    expect(visibleGraph([], [], NONE)).toEqual({ nodes: [], edges: [] });
  });
});

describe("what is inside a folded group", () => {
  const inside = nodes("loop*", "loop/inner*", "loop/inner/b");

  test("is drawn as that group", () => {
    expect(drawnFor(visibleGraph(inside, [], NONE), "root/loop/inner/b")).toBe("root/loop");
    expect(drawnFor(visibleGraph(inside, [], new Set(["root/loop"])), "root/loop/inner/b")).toBe("root/loop/inner");
  });

  test("is drawn as itself once all is open", () => {
    expect(drawnFor(visibleGraph(inside, [], new Set(["root/loop", "root/loop/inner"])), "root/loop/inner/b")).toBe("root/loop/inner/b");
  });

  test("knows the groups around it", () => {
    expect(ancestors(visibleGraph(inside, [], NONE), "root/loop/inner/b")).toEqual(["root/loop", "root/loop/inner"]);
  });

  test("a task in a folded stack is drawn as the stack", () => {
    const graph = visibleGraph(nodes(...NUMBERS), [], NONE);

    expect(drawnFor(graph, "root/3")).toBe("stack:root/comp-work/1");
  });
});
