/** A record as the person it is about would read it: the consentable fields of its category with what stands in them. */
import type { Category, Field } from './catalogue.js';
import { growPathTree, nodeFor, type PathNode } from './path-tree.js';

export interface FieldValues {
  field: Field;
  /** In the order of the record; never empty. A number with its unit is one text. */
  values: (string | boolean)[];
}

const trees = new WeakMap<Field, PathNode>();

/** Fields without a value are left out. What no field of the category names is in none of them. */
export function fieldValuesOf(record: unknown, { fields }: Category): FieldValues[] {
  return fields.flatMap((field) => {
    const values: (string | boolean)[] = [];
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

function collect(node: PathNode, value: unknown, values: (string | boolean)[]): void {
  if (Array.isArray(value)) {
    for (const item of value) if (node.item) collect(node.item, item, values);
  } else if (typeof value === 'object' && value !== null) {
    collectMembers(nodeFor(node, value), value as Readonly<Record<string, unknown>>, values);
  } else if (node.leaf !== null && value !== null && value !== undefined) {
    values.push(typeof value === 'boolean' ? value : String(value as string | number));
  }
}

function collectMembers(
  { members }: PathNode,
  object: Readonly<Record<string, unknown>>,
  values: (string | boolean)[],
): void {
  const { value, unit } = object;
  const isMeasure =
    typeof value === 'number' &&
    typeof unit === 'string' &&
    isLeaf(members.get('value')) &&
    isLeaf(members.get('unit'));
  if (isMeasure) values.push(`${value} ${unit}`);
  for (const [key, own] of Object.entries(object)) {
    const member = members.get(key);
    if (member && !(isMeasure && (key === 'value' || key === 'unit'))) collect(member, own, values);
  }
}

function isLeaf(node: PathNode | undefined): boolean {
  return node !== undefined && node.leaf !== null;
}
