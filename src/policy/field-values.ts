/** A record as the person it is about would read it: the consentable fields of its category with what stands in them. */
import type { Category, Field } from './catalogue.js';
import { growPathTree, nodeFor, type PathNode } from './path-tree.js';

export interface FieldValues {
  field: Field;
  /** In the order of the record; never empty. */
  values: string[];
}

const trees = new WeakMap<Field, PathNode>();

/** Fields without a value are left out. What no field of the category names is in none of them. */
export function fieldValuesOf(record: unknown, { fields }: Category): FieldValues[] {
  return fields.flatMap((field) => {
    const values: string[] = [];
    collect(treeOf(field), record, values);
    return values.length === 0 ? [] : [{ field, values }];
  });
}

function treeOf(field: Field): PathNode {
  const known = trees.get(field);
  if (known) return known;
  const tree = growPathTree(field.paths, []);
  trees.set(field, tree);
  return tree;
}

function collect(node: PathNode, value: unknown, values: string[]): void {
  if (Array.isArray(value)) {
    for (const item of value) if (node.item) collect(node.item, item, values);
  } else if (typeof value === 'object' && value !== null) {
    const matched = nodeFor(node, value);
    for (const [key, own] of Object.entries(value)) {
      const member = matched.members.get(key);
      if (member) collect(member, own, values);
    }
  } else if (node.leaf !== null && value !== null && value !== undefined) {
    values.push(String(value as string | number | boolean));
  }
}
