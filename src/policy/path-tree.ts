/**
 * Many paths as one tree, so that a record is walked once however many fields are consented. Conditions are decided while walking;
 * what holds at once is merged into one node the first time it occurs and remembered.
 */
import { compilePath, type PathCondition } from './path-pattern.js';

/** What a path says of a single value. A reference leaves only as a UUID made for the recipient. */
export type Leaf = 'value' | 'reference';

export interface PathNode {
  readonly id: number;
  leaf: Leaf | null;
  /** Only paths of form (never of substance) end here. */
  isForm: boolean;
  readonly members: Map<string, PathNode>;
  item: PathNode | null;
  readonly branches: Branch[];
  /** Merged nodes by the ids of the branch targets that held. */
  readonly merged: Map<string, PathNode>;
}

interface Branch {
  readonly condition: PathCondition;
  readonly node: PathNode;
}

/** The tree of `substance` paths and of `form` paths, which say nothing alone. */
export function growPathTree(substance: readonly string[], form: readonly string[]): PathNode {
  const grower = new Grower();
  for (const source of form) grower.add(source, true);
  for (const source of substance) grower.add(source, false);
  return grower.root;
}

class Grower {
  private count = 0;
  readonly root = this.node();

  add(source: string, isForm: boolean): void {
    for (const { steps, isReference } of compilePath(source)) {
      let node = this.root;
      for (const { key, arrays, conditions } of steps) {
        node = this.member(node, key);
        for (let depth = 0; depth < arrays; depth += 1) node = node.item ??= this.node();
        for (const condition of conditions) node = this.branch(node, condition);
      }
      node.isForm = node.leaf === null ? isForm : node.isForm && isForm;
      if (node.leaf !== 'value') node.leaf = isReference ? 'reference' : 'value';
    }
  }

  private node(): PathNode {
    return newNode(this.count++);
  }

  private member(parent: PathNode, key: string): PathNode {
    const known = parent.members.get(key);
    if (known) return known;
    const fresh = this.node();
    parent.members.set(key, fresh);
    return fresh;
  }

  private branch(parent: PathNode, condition: PathCondition): PathNode {
    const same = parent.branches.find(
      (branch) =>
        branch.condition.equals === condition.equals && branch.condition.at.join('.') === condition.at.join('.'),
    );
    if (same) return same.node;
    const fresh = this.node();
    parent.branches.push({ condition, node: fresh });
    return fresh;
  }
}

function newNode(id: number): PathNode {
  return { id, leaf: null, isForm: false, members: new Map(), item: null, branches: [], merged: new Map() };
}

/** The node that covers this very object: the given one with every branch whose condition holds. */
export function nodeFor(node: PathNode, object: object): PathNode {
  if (node.branches.length === 0) return node;
  const holding: PathNode[] = [];
  collect(node, object, holding);
  if (holding.length === 0) return node;
  const key = holding.map(({ id }) => id).join();
  const known = node.merged.get(key);
  if (known) return known;
  const merged = merge([node, ...holding]);
  node.merged.set(key, merged);
  return merged;
}

function collect(node: PathNode, object: object, holding: PathNode[]): void {
  for (const { condition, node: target } of node.branches) {
    if (!holds(object, condition.at, 0, condition.equals)) continue;
    holding.push(target);
    collect(target, object, holding);
  }
}

function holds(value: unknown, at: readonly string[], position: number, equals: string): boolean {
  const step = at[position];
  if (step === undefined) return value === equals;
  if (step === '[]') return Array.isArray(value) && value.some((item) => holds(item, at, position + 1, equals));
  if (typeof value !== 'object' || value === null || Array.isArray(value) || !Object.hasOwn(value, step)) return false;
  return holds((value as Record<string, unknown>)[step], at, position + 1, equals);
}

/** A node that covers what any of `nodes` covers. Their own branches are not carried over: the caller has decided them. */
function merge(nodes: readonly PathNode[]): PathNode {
  return union(nodes, false);
}

function union(nodes: readonly PathNode[], withBranches: boolean): PathNode {
  if (nodes.length === 1 && withBranches) return nodes[0]!;
  const merged = newNode(nodes[0]!.id);
  for (const node of nodes) {
    if (node.leaf !== null) {
      merged.isForm = merged.leaf === null ? node.isForm : merged.isForm && node.isForm;
      if (merged.leaf !== 'value') merged.leaf = node.leaf;
    }
    if (withBranches) merged.branches.push(...node.branches);
  }
  for (const key of new Set(nodes.flatMap((node) => [...node.members.keys()]))) {
    const parts = nodes.map((node) => node.members.get(key)).filter((part) => part !== undefined);
    merged.members.set(key, union(parts, true));
  }
  const items = nodes.map((node) => node.item).filter((item) => item !== null);
  merged.item = items.length === 0 ? null : union(items, true);
  return merged;
}
