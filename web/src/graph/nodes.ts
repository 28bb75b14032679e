/** What of a pipeline can be seen at once: groups open or folded, many alike tasks as one stack. Pure. */

/** What the picture needs to know of a node of a pipeline; the API's message has more. */
export interface GraphNode {
  readonly id: string;
  /** Null for the root, which is not drawn. */
  readonly parent_id: string | null;
  readonly display_name: string;
  readonly kind: string;
  readonly component: string;
}

/** `source_id` comes before `target_id`, both with the same parent. */
export interface GraphEdge {
  readonly source_id: string;
  readonly target_id: string;
  readonly kind: string;
}

/** So many tasks of one component, by its name, with the same tasks before and behind them, are drawn as one stack. */
const STACKED_FROM = 6;
const STACK = "stack:";

/** A node of the picture: a node of the pipeline, or a stack of nodes that are alike. */
export interface VisibleNode {
  readonly id: string;
  readonly node: GraphNode;
  /** What stands in it, directly; empty for a task. */
  readonly children: readonly VisibleNode[];
  readonly edges: readonly VisibleEdge[];
  readonly open: boolean;
  /** Ids of the nodes that a stack stands for; empty for any other. */
  readonly members: readonly string[];
}

export interface VisibleEdge {
  readonly source: string;
  readonly target: string;
  /** An order that no data flows along. */
  readonly orderOnly: boolean;
}

export interface VisibleGraph {
  readonly nodes: readonly VisibleNode[];
  readonly edges: readonly VisibleEdge[];
}

/** Whether a node of the picture can be opened. */
export function isFoldable(node: VisibleNode): boolean {
  return node.children.length > 0;
}

/**
 * The picture's nodes, from the outermost in.
 *
 * @param open ids of the groups and stacks that are open
 */
export function visibleGraph(nodes: readonly GraphNode[], edges: readonly GraphEdge[], open: ReadonlySet<string>): VisibleGraph {
  const inside = groupedBy(nodes, (node) => node.parent_id);
  const between = groupedBy(edges, (edge) => edge.source_id.slice(0, edge.source_id.lastIndexOf("/")));
  const level = (parent: string): VisibleGraph =>
    stacked(
      parent,
      (inside.get(parent) ?? []).map((node) => {
        const content = level(node.id);
        return { id: node.id, node, children: content.nodes, edges: content.edges, open: open.has(node.id), members: [] };
      }),
      merged(between.get(parent) ?? []),
      open,
    );
  return (inside.get(null) ?? []).reduce<VisibleGraph>((_, root) => level(root.id), { nodes: [], edges: [] });
}

/** One edge per pair of nodes, whatever it is for. */
function merged(edges: readonly GraphEdge[]): VisibleEdge[] {
  const pairs = groupedBy(edges, (edge) => `${edge.source_id}\n${edge.target_id}`);
  return [...pairs.values()].flatMap((alike) =>
    alike.slice(0, 1).map((edge) => ({
      source: edge.source_id,
      target: edge.target_id,
      orderOnly: alike.every(({ kind }) => kind !== "data"),
    })),
  );
}

/** Compilers give each use of a component a number: `comp-train-12`. */
function family(component: string): string {
  return component.replace(/-\d+$/u, "");
}

function stacked(parent: string, nodes: readonly VisibleNode[], edges: readonly VisibleEdge[], open: ReadonlySet<string>): VisibleGraph {
  const before = groupedBy(edges, (edge) => edge.target);
  const behind = groupedBy(edges, (edge) => edge.source);
  const likeness = ({ id, node, children }: VisibleNode) =>
    children.length > 0
      ? id
      : JSON.stringify([
          family(node.component),
          node.kind,
          (before.get(id) ?? []).map((edge) => edge.source).sort(),
          (behind.get(id) ?? []).map((edge) => edge.target).sort(),
        ]);
  const stackOf = new Map<string, string>();
  let made = 0;
  const shown = [...groupedBy(nodes, likeness).values()].flatMap((alike) => {
    const [first] = alike;
    if (first === undefined || alike.length < STACKED_FROM) return alike;
    made += 1;
    const id = `${STACK}${parent}/${family(first.node.component)}/${String(made)}`;
    for (const one of alike) stackOf.set(one.id, id);
    return [{ id, node: first.node, children: alike, edges: [], open: open.has(id), members: alike.map((one) => one.id) }];
  });
  if (stackOf.size === 0) return { nodes, edges };
  const folded = new Map<string, VisibleEdge>();
  for (const edge of edges) {
    const source = stackOf.get(edge.source) ?? edge.source;
    const target = stackOf.get(edge.target) ?? edge.target;
    folded.set(`${source}\n${target}`, { ...edge, source, target });
  }
  return { nodes: shown, edges: [...folded.values()] };
}

/** Ids of the groups and stacks around a node, outermost first. */
export function ancestors(graph: VisibleGraph, id: string): readonly string[] {
  const search = (nodes: readonly VisibleNode[]): string[] | undefined => {
    for (const node of nodes) {
      if (node.id === id) return [];
      if (node.members.includes(id)) return [node.id];
      if (!id.startsWith(`${node.id}/`) && node.members.length === 0) continue;
      const found = search(node.children);
      if (found !== undefined) return [node.id, ...found];
    }
    return undefined;
  };
  return search(graph.nodes) ?? [];
}

/** The node that is drawn for another one: that itself, or the innermost folded group around it. */
export function drawnFor(graph: VisibleGraph, id: string): string {
  const folded = new Set<string>();
  const visit = (nodes: readonly VisibleNode[]) => {
    for (const node of nodes) {
      if (isFoldable(node) && !node.open) folded.add(node.id);
      visit(node.children);
    }
  };
  visit(graph.nodes);
  return ancestors(graph, id).find((each) => folded.has(each)) ?? id;
}

function groupedBy<T, K>(all: readonly T[], key: (one: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const group = groups.get(key(one));
    if (group === undefined) groups.set(key(one), [one]);
    else group.push(one);
  }
  return groups;
}
