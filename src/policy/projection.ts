/**
 * What a recipient sees of a record: the consented fields and nothing else. Two recipients of the same record cannot join it on an id
 * inside the payload: every UUID is replaced by one made for the recipient, and an id that is not a UUID is sent only when the field
 * that holds it is consented.
 */
import { invariant } from '../kernel/errors.js';
import type { Category } from './catalogue.js';
import { growPathTree, nodeFor, type PathNode } from './path-tree.js';

/** The recipient's own UUID for one of ours (lower case); must be the same for the same recipient and UUID, and one-way. */
export type Rekey = (uuid: string) => string;

const treesMax = 256;
const trees = new WeakMap<Category, Map<string, PathNode>>();
const anyUuid = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;
const onlyUuid = /^(?:urn:uuid:)?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The record as the recipient gets it: structure kept, values of the consented fields only, empty objects and array items left out.
 * Null when the record holds nothing of these fields. `fieldCodes` must be fields of the category.
 */
export function project(record: unknown, category: Category, fieldCodes: readonly string[], rekey: Rekey): unknown {
  return new Projector(rekey).take(treeOf(category, fieldCodes), record) ?? null;
}

function treeOf(category: Category, fieldCodes: readonly string[]): PathNode {
  let ofCategory = trees.get(category);
  if (!ofCategory) trees.set(category, (ofCategory = new Map<string, PathNode>()));
  const key = fieldCodes.toSorted().join();
  const known = ofCategory.get(key);
  if (known) return known;
  const substance = fieldCodes.flatMap((code) => {
    const field = category.fields.find((candidate) => candidate.code === code);
    invariant(field, `the category ${category.code} has a field ${code}`);
    return field.paths;
  });
  const tree = growPathTree(substance, category.structure);
  if (ofCategory.size >= treesMax) ofCategory.clear();
  ofCategory.set(key, tree);
  return tree;
}

class Projector {
  /** How many values of substance were kept so far: an object in which none was kept is left out with its form. */
  private kept = 0;
  private readonly rekeyed = new Map<string, string>();

  constructor(private readonly rekey: Rekey) {}

  take(node: PathNode, value: unknown): unknown {
    if (Array.isArray(value)) return this.takeItems(node, value);
    if (typeof value === 'object' && value !== null) return this.takeMembers(nodeFor(node, value), value);
    return this.takeLeaf(node, value);
  }

  private takeItems(node: PathNode, items: readonly unknown[]): unknown {
    if (!node.item) return undefined;
    const taken: unknown[] = [];
    for (const item of items) {
      const kept = this.take(node.item, item);
      if (kept !== undefined) taken.push(kept);
    }
    return taken.length === 0 ? undefined : taken;
  }

  private takeMembers(node: PathNode, object: object): unknown {
    if (node.members.size === 0) return undefined;
    const keptBefore = this.kept;
    const taken: Record<string, unknown> = {};
    for (const [key, value] of Object.entries(object)) {
      const member = node.members.get(key);
      if (!member) continue;
      const kept = this.take(member, value);
      if (kept !== undefined) taken[key] = kept;
    }
    return this.kept === keptBefore ? undefined : taken;
  }

  private takeLeaf(node: PathNode, value: unknown): unknown {
    if (node.leaf === null || value === null || value === undefined) return undefined;
    const taken = typeof value === 'string' ? this.takeText(value, node.leaf === 'reference') : value;
    if (node.leaf === 'reference' && typeof value !== 'string') return undefined;
    if (taken !== undefined && !node.isForm) this.kept += 1;
    return taken;
  }

  private takeText(text: string, isReference: boolean): string | undefined {
    if (isReference && !onlyUuid.test(text)) return undefined;
    if (text.length < 36) return text;
    return text.replace(anyUuid, (uuid) => this.rekeyOnce(uuid.toLowerCase()));
  }

  private rekeyOnce(uuid: string): string {
    const known = this.rekeyed.get(uuid);
    if (known !== undefined) return known;
    const fresh = this.rekey(uuid);
    this.rekeyed.set(uuid, fresh);
    return fresh;
  }
}
