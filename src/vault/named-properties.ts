/**
 * Where a property's name, a neighbouring label or a FHIR system says that a value is a number that may not be held: JSON objects of
 * the shapes `{number name: value}`, `{label, value}`, `{system, value}` and FHIR's `{url, value[x]}`.
 */
import type { CompiledRules } from './forbidden-number-rules.js';

type JsonObject = { readonly [key: string]: unknown };

const systemProperties = ['url', 'system', 'root', 'codeSystem', 'propertyID'];
const labelProperties = [
  'name',
  'label',
  'title',
  'key',
  'item',
  'field',
  'display',
  'text',
  'type',
  'code',
  '項目',
  '項目名',
  '名称',
];
const valueProperty = /^(?:value|answer|content|data$|text$|number$|値|内容|番号)/;

/** The kind that the object's own system or extension URL stands for. A resource that merely defines such a system is not one. */
export function kindBySystem(object: JsonObject, rules: CompiledRules): string | undefined {
  if (object['resourceType'] !== undefined) return undefined;
  for (const property of systemProperties) {
    const system = object[property];
    const kind = typeof system === 'string' ? rules.kindOfSystem(system) : undefined;
    if (kind !== undefined) return kind;
  }
  return undefined;
}

/** The property that labels the object's value, and the kind it names: `{"name": "被保険者番号", "value": "12"}`. */
export function kindByLabel(object: JsonObject, rules: CompiledRules): { property: string; kind: string } | undefined {
  for (const property of labelProperties) {
    for (const label of labelsOf(object[property])) {
      const rule = rules.ruleOfLabel(label);
      if (rule) return { property, kind: rule.kind };
    }
  }
  return undefined;
}

/** A label itself, or those of a FHIR CodeableConcept. */
function labelsOf(value: unknown): string[] {
  if (typeof value === 'string') return value.length <= 60 ? [value] : [];
  if (typeof value !== 'object' || value === null) return [];
  const { text, display, coding } = value as JsonObject;
  const displays = Array.isArray(coding)
    ? coding.slice(0, 4).map((item) => (item as JsonObject | null)?.['display'])
    : [];
  return [text, display, ...displays].filter((label) => typeof label === 'string' && label.length <= 60) as string[];
}

/** The kind of number that `key` holds in this object, or undefined. */
export function kindOfProperty(
  object: JsonObject,
  key: string,
  labelled: { property: string; kind: string } | undefined,
  rules: CompiledRules,
): string | undefined {
  const own = rules.kindOfKey(key);
  if (own !== undefined) return own;
  const isValue = labelled !== undefined && labelled.property !== key && valueProperty.test(key);
  if (isValue && (typeof object[key] !== 'string' || /\p{N}/u.test(object[key]))) return labelled.kind;
  // JP Core: Coverage.identifier joins insurer, symbol, number and branch, whatever system it names.
  return object['resourceType'] === 'Coverage' && key === 'identifier' ? rules.kindOfKey('subscriberId') : undefined;
}

/** Texts of the values in a named object, folded (NFKC), so that the same value is known elsewhere. At most one level deep. */
export function valuesOf(object: JsonObject): string[] {
  const texts: string[] = [];
  for (const [key, value] of Object.entries(object)) {
    if (systemProperties.includes(key)) continue;
    if (typeof value === 'string' && value.length <= 60) texts.push(value.normalize('NFKC'));
    else if (typeof value === 'number') texts.push(String(value));
  }
  return texts;
}
