/**
 * Takes numbers that may not be held out of running text: narrative, XHTML, XML, CSV. What was found is replaced by （削除）, which can
 * never be found again, so that cleaning a cleaned text changes nothing. XML is searched as text because real attachments are not
 * always well-formed.
 */
import type { Finding } from './finding.js';
import type { CompiledRules, ForbiddenNumberRule } from './forbidden-number-rules.js';
import type { KnownNumbers } from './known-numbers.js';
import { findLabelledColumns } from './labelled-columns.js';
import { findNumberRuns, withoutUuids } from './number-runs.js';
import { toPlainText } from './plain-text.js';

export const placeholder = '（削除）';

export interface CleanedText {
  readonly text: string;
  readonly kinds: readonly string[];
  /** Nothing but the number stood there. */
  readonly isWhole: boolean;
}

/** Returns null when nothing had to go. Named values are added to `known`. */
export function cleanText(text: string, rules: CompiledRules, known: KnownNumbers): CleanedText | null {
  if (!/[\p{N}&]/u.test(text)) return null;
  const { plain, originalRange } = toPlainText(text);
  const findings = mergeFindings(find(plain, rules, known));
  if (findings.length === 0) return null;
  let cleaned = '';
  let position = 0;
  for (const finding of findings) {
    if (finding.isNamed) known.add(finding.kind, plain.slice(finding.start, finding.end));
    const [start, end] = originalRange(finding.start, finding.end);
    cleaned += text.slice(position, start) + placeholder;
    position = end;
  }
  cleaned += text.slice(position);
  return { text: cleaned, kinds: findings.map((finding) => finding.kind), isWhole: cleaned.trim() === placeholder };
}

function find(plain: string, rules: CompiledRules, known: KnownNumbers): Finding[] {
  const masked = withoutUuids(plain);
  const findings: Finding[] = known.find(masked);
  if (
    rules.kindOfFormat('individual-number') !== undefined ||
    rules.kindOfFormat('resident-record-code') !== undefined
  ) {
    for (const { start, end, format } of findNumberRuns(masked)) {
      const kind = rules.kindOfFormat(format);
      if (kind !== undefined) findings.push({ start, end, kind, isNamed: false });
    }
  }
  if (rules.labelPattern && rules.mayHoldLabel(plain)) {
    for (const match of plain.matchAll(rules.labelPattern)) findings.push(...findAfterLabel(plain, match, rules));
    if (plain.includes('\n')) findings.push(...findLabelledColumns(plain, rules));
  }
  if (plain.includes('記号')) findings.push(...findSymbolWithNumber(plain, rules));
  if (rules.systemTagPattern && plain.includes('<') && rules.mayHoldSystem(plain)) {
    for (const match of plain.matchAll(rules.systemTagPattern)) findings.push(...findInXml(plain, match, rules));
  }
  return findings.filter(
    (finding) => finding.end > finding.start && !plain.slice(finding.start, finding.end).includes('削除'),
  );
}

function mergeFindings(findings: Finding[]): Finding[] {
  findings.sort((left, right) => left.start - right.start || right.end - left.end);
  const merged: Finding[] = [];
  for (const finding of findings) {
    const last = merged.at(-1);
    if (!last || finding.start >= last.end) merged.push(finding);
    else if (finding.end > last.end) merged[merged.length - 1] = { ...last, end: finding.end };
  }
  return merged;
}

/** What may stand between a label and its value: punctuation, quotes, brackets, tags. */
const gap = /(?:\s|[:=|"'>」』)\]】,は]|-+>|<[^<>]{0,200}>|&quot;){0,20}/y;
const groupedDigits = /\d(?:[ -]{0,3}\d){3,}/y;
const word = String.raw`[\p{L}\p{N}*][\p{L}\p{N}\p{M}*_-]{0,39}`;
const wordedValue = new RegExp(String.raw`${word}(?:\s?[・/.]\s?${word}|\s${word.replace('\\p{L}', '')}){0,3}`, 'uy');
const numericValue =
  /\d[0-9A-Za-z-]{0,39}(?:\s?[・/]\s?\d[0-9A-Za-z-]{0,39}){0,3}(?![0-9A-Za-z年月日時分秒円件名人回歳%桁個種つ条項号])/y;
/** A symbol may begin with the insurer's name: みなと国12・345. */
const namedSymbol = /[\p{L}]{1,10}\d{1,10}\s?[・-]\s?\d{1,12}/uy;
const numberLabel = /(?:[\s、,;・/]|<[^<>]{0,200}>){0,12}番号/y;
const followingLabel = /[\s、,;・/(（]{0,6}(?:番号|枝番|No\.?)/iy;

/** 記号 and 番号 alone are everyday words; one after the other, each with a value, they are those of an insurance card. */
function findSymbolWithNumber(plain: string, rules: CompiledRules): Finding[] {
  const rule = rules.ruleOfLabel('記号・番号');
  if (!rule) return [];
  const findings: Finding[] = [];
  for (const match of plain.matchAll(/記号/g)) {
    const symbol = valueAt(plain, match.index + match[0].length, rule);
    if (!symbol) continue;
    numberLabel.lastIndex = symbol.end;
    const label = numberLabel.exec(plain);
    const number = label && valueAt(plain, symbol.end + label[0].length, rule);
    if (number) for (const value of [symbol, number]) findings.push({ ...value, kind: rule.kind, isNamed: true });
  }
  return findings;
}

function findAfterLabel(plain: string, match: RegExpExecArray | RegExpMatchArray, rules: CompiledRules): Finding[] {
  const rule = rules.ruleOfLabel(match[1]!);
  const findings: Finding[] = [];
  let position = match.index! + match[0].length;
  while (rule && findings.length < 4) {
    const value = valueAt(plain, position, rule);
    if (!value) break;
    findings.push({ ...value, kind: rule.kind, isNamed: true });
    followingLabel.lastIndex = value.end;
    const following = rule.digits === undefined ? followingLabel.exec(plain) : null;
    if (!following) break;
    position = value.end + following[0].length;
  }
  return findings;
}

function valueAt(plain: string, position: number, rule: ForbiddenNumberRule): { start: number; end: number } | null {
  gap.lastIndex = position;
  const between = gap.exec(plain)?.[0] ?? '';
  const start = position + between.length;
  // Without a colon, a tag or a bracket the sentence may simply go on, and only a number is taken for the value.
  const isMarked = /[:=|"'>」』)\]】,]/.test(between);
  const patterns = rule.digits !== undefined ? [groupedDigits] : isMarked ? [wordedValue] : [numericValue, namedSymbol];
  for (const pattern of patterns) {
    pattern.lastIndex = start;
    const value = pattern.exec(plain)?.[0].trimEnd();
    if (value !== undefined && /\d/.test(value)) return { start, end: start + value.length };
  }
  return null;
}

const valueAttribute = /\b(?:extension|value|code)\s*=\s*(["'])(.*?)\1/g;
/** FHIR XML: `<system value="…"/><value value="…"/>`, `<extension url="…"><valueString value="…"/>`; or plain element content. */
const valueAfterTag = /\s*(?:<value\w*\s+value\s*=\s*(["'])(.*?)\1|([^<>]+)(?=<))/y;

function findInXml(plain: string, match: RegExpExecArray | RegExpMatchArray, rules: CompiledRules): Finding[] {
  const kind = rules.kindOfSystem(match[1]!);
  if (kind === undefined) return [];
  const tag = match[0];
  const findings: Finding[] = [];
  const add = (start: number, value: string): void => {
    if (/[\p{L}\p{N}]/u.test(value) && rules.kindOfSystem(value) === undefined) {
      findings.push({ start, end: start + value.length, kind, isNamed: true });
    }
  };
  for (const attribute of tag.matchAll(valueAttribute)) {
    add(match.index! + attribute.index + attribute[0].length - 1 - attribute[2]!.length, attribute[2]!);
  }
  if (tag.endsWith('/>') && !/^<(?:\w+:)?system\b/.test(tag)) return findings;
  valueAfterTag.lastIndex = match.index! + tag.length;
  const after = valueAfterTag.exec(plain);
  const value = after?.[2] ?? after?.[3];
  if (after && value !== undefined) {
    const end = match.index! + tag.length + after[0].length - (after[2] === undefined ? 0 : 1);
    add(end - value.length, value);
  }
  return findings;
}
