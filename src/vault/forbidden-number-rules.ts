/**
 * What a number that may not be held looks like, as `policies/forbidden-numbers.yaml` states it, and the searchable form of that
 * statement. The policy says which numbers and by which names and systems they are known; how to look is decided here.
 */

export type CheckDigitFormat = 'individual-number' | 'resident-record-code';

/** One kind of number that may not be held. Lists may be empty; names are compared after NFKC, without case, spaces, `_` and `-`. */
export interface ForbiddenNumberRule {
  /** A stable code, told to the resident and the source: `individual-number`. */
  readonly kind: string;
  /** How many digits it has, when that is fixed. A labelled value of such a kind is digits with grouping and nothing else. */
  readonly digits?: number;
  /** With a check digit the number is found anywhere, without one only by system, key or label. */
  readonly checkDigit?: CheckDigitFormat;
  /** FHIR extension URLs, identifier systems and OIDs (with or without `urn:oid:`). */
  readonly systems: readonly string[];
  /** Names of JSON properties. */
  readonly keys: readonly string[];
  /** Words that stand before the number in running text. */
  readonly labels: readonly string[];
}

export interface ForbiddenNumberRules {
  readonly kinds: readonly ForbiddenNumberRule[];
}

export interface CompiledRules {
  /** The kind that a system, an OID or an extension URL stands for. */
  kindOfSystem(system: string): string | undefined;
  kindOfKey(key: string): string | undefined;
  /** The kind that a check digit stands for, or undefined when the policy does not forbid it. */
  kindOfFormat(format: CheckDigitFormat): string | undefined;
  /** The rule that a whole text names: `被保険者番号：`. */
  ruleOfLabel(text: string): ForbiddenNumberRule | undefined;
  /** False when no label stands in the text; much cheaper than looking for where. */
  mayHoldLabel(text: string): boolean;
  /** Finds every label in running text; group 1 is the label. Null when there are no labels. */
  readonly labelPattern: RegExp | null;
  /** False when no system stands in the text. */
  mayHoldSystem(text: string): boolean;
  /** Finds an XML start tag in which one of the systems is an attribute's value; group 1 is the system. Null when there are none. */
  readonly systemTagPattern: RegExp | null;
}

const compiled = new WeakMap<ForbiddenNumberRules, CompiledRules>();

/** The searchable form; made once for each rules object. */
export function compileRules(rules: ForbiddenNumberRules): CompiledRules {
  const known = compiled.get(rules);
  if (known) return known;
  const fresh = compile(rules);
  compiled.set(rules, fresh);
  return fresh;
}

function compile(rules: ForbiddenNumberRules): CompiledRules {
  const systems = new Map<string, string>();
  const keys = new Map<string, string>();
  const labels = new Map<string, ForbiddenNumberRule>();
  const formats = new Map<CheckDigitFormat, string>();
  for (const rule of rules.kinds) {
    if (rule.checkDigit) formats.set(rule.checkDigit, rule.kind);
    for (const system of rule.systems) systems.set(bareSystem(system), rule.kind);
    for (const key of rule.keys) keys.set(bareName(key), rule.kind);
    for (const label of rule.labels) labels.set(bareName(label), rule);
  }
  // Longest first, so that 被保険者証記号・番号 is not read as 記号.
  const longestFirst = [...labels.keys()].sort((left, right) => right.length - left.length);
  const labelSource = longestFirst.map(labelSourceOf).join('|');
  const systemSource = [...systems.keys()].map(escapePattern).join('|');
  return {
    kindOfSystem: (system) => systems.get(bareSystem(system)),
    kindOfKey: remembered((key) => keys.get(bareName(key))),
    kindOfFormat: (format) => formats.get(format),
    ruleOfLabel: (text) =>
      text.length > labelLengthMax ? undefined : labels.get(bareName(text.replace(/[:：\s]+$/, ''))),
    mayHoldLabel: (text) => {
      const bare = text.replace(/[\s_-]/g, '').toLowerCase();
      return longestFirst.some((label) => bare.includes(label));
    },
    labelPattern: labelSource === '' ? null : new RegExp(`(${labelSource})`, 'gi'),
    mayHoldSystem: (text) => {
      const lower = text.toLowerCase();
      return [...systems.keys()].some((system) => lower.includes(system));
    },
    systemTagPattern:
      systemSource === ''
        ? null
        : new RegExp(`<[^<>]{0,400}?["'](?:[^"'<>]{0,200}[/:])?(${systemSource})/?["'][^<>]{0,400}>`, 'gi'),
  };
}

/** Records repeat their property names thousands of times; so many answers are kept. Texts of people never are. */
const rememberedMax = 2000;
const labelLengthMax = 80;

function remembered<Answer>(ask: (text: string) => Answer): (text: string) => Answer {
  const answers = new Map<string, Answer>();
  return (text) => {
    if (answers.has(text)) return answers.get(text) as Answer;
    const answer = ask(text);
    if (answers.size < rememberedMax && text.length <= 40) answers.set(text, answer);
    return answer;
  };
}

/** Between its characters a label may be spaced or hyphenated; a Latin one must not be a part of a longer word. */
function labelSourceOf(label: string): string {
  const spaced = [...label].map(escapePattern).join('[\\s_-]?');
  return `${/^[a-z]/.test(label) ? '(?<![a-z])' : ''}${spaced}${/[a-z]$/.test(label) ? '(?![a-z])' : ''}`;
}

/**
 * Comparable form of a system: no version after `|`, no case, and of a long URL or URN its last part only, because the same extension
 * is published under several implementation guides.
 */
function bareSystem(system: string): string {
  if (system.length > 400) return '';
  const whole = system.trim().toLowerCase().split('|')[0]!.replace(/\/$/, '');
  const lastPart = /[^/:]*$/.exec(whole)![0];
  return lastPart.length >= 12 ? lastPart : whole;
}

function bareName(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[\s_-]/g, '');
}

function escapePattern(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&');
}
