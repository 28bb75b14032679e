/** The tasks of a run, found by key, node and place. Pure. */

import type { RunPageMessage, TaskRow } from "@/api/runPage";
import { type Appearance, heaviest, sharesOf } from "@/graph/appearance";
import type { NodeLook } from "@/graph/glyphs";
import { type VisibleNode, visibleGraph } from "@/graph/nodes";
import { duration } from "@/formats/durations";
import { counted } from "@/formats/numbers";
import { isFinal, lookOf, nameOf } from "@/theme/states";

export type GraphNodeMessage = RunPageMessage["graph"]["nodes"][number];

/** What is selected: a task, or a node of the graph that stands for none or for several. */
export type Selection =
  | { readonly kind: "task"; readonly task: TaskRow }
  | { readonly kind: "node"; readonly id: string; readonly node: GraphNodeMessage; readonly tasks: readonly TaskRow[] };

export function lookOfTask(task: TaskRow): NodeLook {
  return lookOf(task.state, task.outcome?.kind);
}

/** `root/for-loop-1[3]/train` as `for-loop-1[3] / train`. */
export function placeOf(key: string): string {
  return key.replace(/^root\//u, "").replaceAll("/", " / ");
}

/** Whether a task does work of its own. */
export function doesWork(kind: string): boolean {
  return kind === "RUNTIME" || kind === "IMPORTER";
}

export class RunTasks {
  /** All but the root, each behind what is around it, in the order in which they appeared. */
  readonly inOrder: readonly TaskRow[];
  readonly isLive: boolean;
  readonly #byKey = new Map<string, TaskRow>();
  readonly #byId = new Map<string, TaskRow>();
  readonly #byNode = new Map<string, TaskRow[]>();
  readonly #children = new Map<string, TaskRow[]>();
  readonly #nodes = new Map<string, GraphNodeMessage>();
  readonly #kinds = new Map<string | null, GraphNodeMessage[]>();
  readonly #appearances = new Map<string, Appearance>();

  constructor(readonly page: RunPageMessage) {
    this.isLive = !isFinal(page.run.state);
    for (const task of page.tasks) {
      this.#byKey.set(task.key, task);
      this.#byId.set(task.id, task);
      append(this.#byNode, task.node_id, task);
      if (task.parent_id !== null) append(this.#children, task.parent_id, task);
    }
    for (const node of page.graph.nodes) {
      this.#nodes.set(node.id, node);
      append(this.#kinds, node.parent_id, node);
    }
    this.inOrder = page.tasks.filter((task) => task.kind === "ROOT").flatMap((root) => this.#inside(root));
  }

  #inside(task: TaskRow): TaskRow[] {
    const children = this.#children.get(task.id) ?? [];
    const byIteration = children.toSorted((a, b) => (a.iteration_index ?? 0) - (b.iteration_index ?? 0));
    return byIteration.flatMap((child) => [child, ...this.#inside(child)]);
  }

  byKey(key: string): TaskRow | undefined {
    return this.#byKey.get(key);
  }

  byId(id: string): TaskRow | undefined {
    return this.#byId.get(id);
  }

  childrenOf(task: TaskRow): readonly TaskRow[] {
    return this.#children.get(task.id) ?? [];
  }

  /** How many groups are around a task. */
  depthOf(task: TaskRow): number {
    let depth = -1;
    for (let at = task.parent_id; at !== null; at = this.#byId.get(at)?.parent_id ?? null) depth += 1;
    return Math.max(0, depth);
  }

  node(id: string): GraphNodeMessage | undefined {
    return this.#nodes.get(id);
  }

  ofNode(id: string): readonly TaskRow[] {
    return this.#byNode.get(id) ?? [];
  }

  /** What the address names: a task by its key, else a node, else nothing. */
  selected(name: string | undefined): Selection | null {
    if (name === undefined) return null;
    const task = this.#byKey.get(name);
    if (task !== undefined) return { kind: "task", task };
    const node = this.#nodes.get(name);
    if (node !== undefined) return { kind: "node", id: name, node, tasks: this.ofNode(name) };
    const stack = this.#stack(name);
    if (stack === undefined) return null;
    const title = uses(stack.node.component);
    return {
      kind: "node",
      id: stack.node.id,
      node: { ...stack.node, display_name: title },
      tasks: stack.members.flatMap((id) => this.ofNode(id)),
    };
  }

  #stack(id: string): { readonly node: GraphNodeMessage; readonly members: readonly string[] } | undefined {
    const search = (nodes: readonly VisibleNode[]): VisibleNode | undefined => {
      for (const visible of nodes) {
        const found = visible.id === id ? visible : search(visible.children);
        if (found !== undefined) return found;
      }
      return undefined;
    };
    const { nodes, edges } = this.page.graph;
    const found = search(visibleGraph(nodes, edges, new Set()).nodes);
    const first = found === undefined ? undefined : this.#nodes.get(found.node.id);
    return found === undefined || first === undefined ? undefined : { node: first, members: found.members };
  }

  /** What the address calls the selection of a node of the picture. */
  nameOf(visible: VisibleNode): string {
    const [first, ...others] = this.ofNode(visible.id);
    return first !== undefined && others.length === 0 ? first.key : visible.id;
  }

  /** The first task that failed and did work of its own: what a person looks for first. */
  firstFailed(): TaskRow | undefined {
    const named = this.page.run.error?.task_key;
    const task = named === undefined || named === null ? undefined : this.#byKey.get(named);
    if (task !== undefined && doesWork(task.kind)) return task;
    return this.inOrder.find((each) => each.state === "FAILED" && doesWork(each.kind)) ?? task;
  }

  /** What a node of the picture shows. `now` in microseconds, for what is under way. */
  appearance(visible: VisibleNode, now: number): Appearance {
    const made = this.#drawn(visible, now);
    // The same content is the same object: what has not changed is not drawn again.
    const key = JSON.stringify(made);
    const known = this.#appearances.get(key);
    if (known !== undefined) return known;
    this.#appearances.set(key, made);
    return made;
  }

  #drawn(visible: VisibleNode, now: number): Appearance {
    const { node } = visible;
    if (visible.members.length > 0) {
      const looks = visible.members.flatMap((id) => this.#looksOf(id));
      return { look: heaviest(looks), label: uses(node.component), detail: counted(looks.length, "task"), shares: sharesOf(looks) };
    }
    const tasks = this.ofNode(visible.id);
    const label = node.display_name;
    if (visible.children.length === 0) {
      const [task, ...others] = tasks;
      if (task === undefined) return { look: "waiting", label, detail: this.#mayStart(visible.id) ? "Waiting" : "Not reached", shares: [] };
      if (others.length === 0) return { look: lookOfTask(task), label, detail: detailOf(task, now), shares: [] };
      const looks = this.#looksOf(visible.id);
      return { look: heaviest(looks), label, detail: counted(looks.length, "task"), shares: sharesOf(looks) };
    }
    const looks = this.#work(visible.id);
    const own = tasks.map(lookOfTask);
    const detail = this.#groupDetail(visible.id, tasks, now);
    return { look: own.length === 0 ? "waiting" : heaviest(own), label, detail, shares: sharesOf(looks) };
  }

  /** Whether a node that has no task may still get one. */
  #mayStart(id: string): boolean {
    const parent = this.#nodes.get(id)?.parent_id ?? null;
    if (!this.isLive || parent === null) return this.isLive;
    const around = this.ofNode(parent);
    return around.length === 0 ? this.#mayStart(parent) : around.some(({ state }) => !isFinal(state));
  }

  #groupDetail(id: string, tasks: readonly TaskRow[], now: number): string {
    const node = this.#nodes.get(id);
    const [task] = tasks;
    if (task?.state === "SKIPPED") return detailOf(task, now);
    const parts = [];
    if (node?.kind === "LOOP") {
      const iterations = task === undefined ? node.loop?.count : task.iteration_count;
      parts.push(iterations === null || iterations === undefined ? "loop" : counted(iterations, "iteration"));
    } else if (node !== undefined && node.condition_label !== "") {
      parts.push(`if ${node.condition_label}`);
    } else {
      const inside = this.#kinds.get(id)?.length ?? 0;
      parts.push(counted(inside, "task"));
    }
    if (tasks.length === 1 && task !== undefined) {
      const took = elapsed(task, now);
      if (took !== "" && node?.condition_label === "") parts.push(took);
    }
    return parts.join(" · ");
  }

  /** Looks of the tasks that do work inside a node, what has not started included. */
  #work(id: string): NodeLook[] {
    return (this.#kinds.get(id) ?? []).flatMap((child) =>
      doesWork(child.kind) ? this.#looksOf(child.id) : this.#work(child.id),
    );
  }

  #looksOf(id: string): NodeLook[] {
    const looks = this.ofNode(id).map(lookOfTask);
    const parent = this.#nodes.get(id)?.parent_id ?? null;
    const around = parent === null ? [] : this.ofNode(parent);
    const due = around.reduce((sum, task) => sum + (task.kind === "LOOP" ? (task.iteration_count ?? 0) : 1), 0);
    for (let missing = Math.max(due, around.length === 0 ? 1 : 0) - looks.length; missing > 0; missing -= 1) looks.push("waiting");
    return looks;
  }
}

/** `comp-train-model` as `train-model`. */
export function componentName(key: string): string {
  return key.replace(/^comp-/u, "");
}

/** What the uses of a component are called together: compilers give each a number. */
function uses(component: string): string {
  return componentName(component).replace(/-\d+$/u, "");
}

function detailOf(task: TaskRow, now: number): string {
  switch (task.outcome?.kind) {
    case "reused":
      return "Reused";
    case "kept":
      return `Kept from generation ${String(task.outcome.generation)}`;
    case "condition-false":
      return "Condition was false";
    case "upstream-unavailable":
      return "Not triggered";
    default:
      break;
  }
  const took = elapsed(task, now);
  if (task.state === "SUCCEEDED") return took;
  const name = nameOf(lookOf(task.state, task.outcome?.kind));
  const tries = task.attempt_count > 1 ? ` · attempt ${String(task.attempt_count)}` : "";
  return `${took === "" ? name : `${name} · ${took}`}${tries}`;
}

function elapsed(task: TaskRow, now: number): string {
  if (task.started_at === null) return "";
  if (task.ended_at !== null) return duration(task.ended_at - task.started_at);
  // Whole seconds: more would redraw the node for nothing.
  return duration(Math.max(0, Math.floor((now - task.started_at) / 1e6)) * 1e6);
}

function append<K, V>(groups: Map<K, V[]>, key: K, value: V): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, [value]);
  else group.push(value);
}
