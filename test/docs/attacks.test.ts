/** What docs/attacks.md says that a test plays, that test plays. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../../', import.meta.url);
const read = (path: string) => readFileSync(fileURLToPath(new URL(path, root)), 'utf8');
const rows = read('docs/attacks.md')
  .split('\n')
  .filter((line) => /^\| [KL] \d/.test(line));

test('every attack on roles and log has a row, and every row a test', () => {
  const numbers = rows.map((row) => row.slice(2, 7));
  const odd = (from: number, to: number) => Array.from({ length: (to - from) / 2 + 1 }, (_, n) => from + 2 * n);
  expect(numbers).toEqual([...odd(185, 195).map((n) => `K ${n}`), ...odd(197, 205).map((n) => `L ${n}`)]);
  expect(rows.filter((row) => !row.includes('.test.ts)'))).toEqual([]);
});

test.each(
  rows.flatMap((row) => [...row.matchAll(/\[“([^”]+)”\]\(\.\.\/([^)]+)\)/g)].map(([, name, path]) => [name!, path!])),
)('“%s” is the name of a test in %s', (name, path) => {
  expect(existsSync(fileURLToPath(new URL(path, root)))).toBe(true);
  const names = [...read(path).matchAll(/\btest(?:\.each\([^]*?\))?\(\s*(['`])([^]*?)\1,/g)].map((match) => match[2]!);
  expect(names.filter((one) => one.includes(name))).toHaveLength(1);
});
