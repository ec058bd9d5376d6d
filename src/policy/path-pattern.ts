/**
 * The language in which a field says what it covers of a record. A path names single values, never a whole subtree: what a source
 * adds under a covered object is not covered. Anything not named by a consented field stays behind (an allow-list).
 *
 *   entry[].resource(Observation).valueQuantity.{value,unit}
 *   key          a member of an object             []        each item of an array
 *   (Type)       only if resourceType is Type      (a.b[].c=x|y)  only if a value there equals x or y
 *   {a,b.c}      either of several continuations   #         at the end: a reference to a part of the record; a UUID or nothing
 */

/** `key`, then so many arrays deep, then only where all conditions hold. */
export interface PathStep {
  readonly key: string;
  readonly arrays: number;
  readonly conditions: readonly PathCondition[];
}

export interface PathCondition {
  /** Where the value stands, from the object that is tested; `[]` is a step of its own. */
  readonly at: readonly string[];
  readonly equals: string;
}

export interface PathPattern {
  readonly steps: readonly PathStep[];
  readonly isReference: boolean;
}

const expansionsMax = 400;
const segment = /^([A-Za-z_][A-Za-z0-9_]*)((?:\[\])*)((?:\((?:[A-Za-z][A-Za-z0-9_.[\]]*=)?[^()=]+\))*)(\.(?=.)|#$|$)/;
const condition = /\((?:([A-Za-z][A-Za-z0-9_.[\]]*)=)?([^()=]+)\)/g;

/** @throws Error with one sentence when the path is not of the language. */
export function compilePath(source: string): readonly PathPattern[] {
  const patterns = expandBraces(source).flatMap((plain) => compilePlain(plain, source));
  if (patterns.length > expansionsMax) throw new Error(`the path ${source} stands for too many paths`);
  return patterns;
}

/** `a.{b,c}.d` stands for `a.b.d` and `a.c.d`. Braces do not nest. */
function expandBraces(source: string): string[] {
  let plain = [''];
  for (const part of source.split(/(\{[^{}]*\})/)) {
    const choices = part.startsWith('{') ? part.slice(1, -1).split(',') : [part];
    plain = plain.flatMap((head) => choices.map((choice) => head + choice));
    if (plain.length > expansionsMax) throw new Error(`the path ${source} stands for too many paths`);
  }
  return plain;
}

function compilePlain(plain: string, source: string): PathPattern[] {
  let variants: PathStep[][] = [[]];
  let rest = plain;
  let isReference = false;
  while (rest !== '') {
    const match = segment.exec(rest);
    if (!match || match[1] === '__proto__') throw new Error(`the path ${source} cannot be read at “${rest}”`);
    const [whole, key, brackets, tests, end] = match as unknown as [string, string, string, string, string];
    const conditions = alternatives(tests);
    variants = variants.flatMap((steps) =>
      conditions.map((all) => [...steps, { key, arrays: brackets.length / 2, conditions: all }]),
    );
    isReference = end === '#';
    rest = rest.slice(whole.length);
  }
  if (variants[0]!.length === 0) throw new Error(`the path ${source} is empty`);
  return variants.map((steps) => ({ steps, isReference }));
}

/** Every way in which all conditions of a segment can hold: one equation from each. */
function alternatives(tests: string): PathCondition[][] {
  let ways: PathCondition[][] = [[]];
  for (const [, at = 'resourceType', values] of tests.matchAll(condition)) {
    const steps = at.replaceAll('[]', '.[]').split('.');
    ways = ways.flatMap((way) => values!.split('|').map((equals) => [...way, { at: steps, equals }]));
  }
  return ways;
}
