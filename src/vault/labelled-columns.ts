/** Finds the cells of a CSV or tab-separated text whose column head is the label of a number that may not be held (RFC 4180 quoting). */
import type { CompiledRules } from './forbidden-number-rules.js';
import type { Finding } from './finding.js';

const linesMax = 100_000;

/** @param plain text with at least one line break; its first line is taken for the head when one of its cells is a label. */
export function findLabelledColumns(plain: string, rules: CompiledRules): Finding[] {
  const headEnd = plain.indexOf('\n');
  const head = plain.slice(0, headEnd);
  const delimiter = head.includes('\t') ? '\t' : ',';
  if (!head.includes(delimiter)) return [];
  const columns = cellsOf(head, delimiter).map((cell) => rules.ruleOfLabel(cell.content)?.kind);
  if (columns.every((kind) => kind === undefined)) return [];
  const findings: Finding[] = [];
  let lineStart = headEnd + 1;
  for (let line = 0; line < linesMax && lineStart < plain.length; line += 1) {
    const newline = plain.indexOf('\n', lineStart);
    const lineEnd = newline < 0 ? plain.length : newline;
    cellsOf(plain.slice(lineStart, lineEnd), delimiter).forEach((cell, column) => {
      const kind = columns[column];
      if (kind === undefined || !/[\p{L}\p{N}]/u.test(cell.content)) return;
      const start = lineStart + cell.start;
      findings.push({ start, end: start + cell.content.length, kind, isNamed: true });
    });
    lineStart = lineEnd + 1;
  }
  return findings;
}

/** The cells of one line with the place of their content, quotes and surrounding blanks left out. */
function cellsOf(line: string, delimiter: string): { start: number; content: string }[] {
  const cells: { start: number; content: string }[] = [];
  let start = 0;
  let isQuoted = false;
  for (let position = 0; position <= line.length; position += 1) {
    if (line[position] === '"') isQuoted = !isQuoted;
    if (position < line.length && (isQuoted || line[position] !== delimiter)) continue;
    cells.push(trimmedCell(line, start, position));
    start = position + 1;
  }
  return cells;
}

function trimmedCell(line: string, start: number, end: number): { start: number; content: string } {
  let [from, to] = [start, end];
  while (from < to && /[\s"]/.test(line[from]!)) from += 1;
  while (to > from && /[\s"]/.test(line[to - 1]!)) to -= 1;
  return { start: from, content: line.slice(from, to) };
}
