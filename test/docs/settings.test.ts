/** The table of settings in docs/operating.md is the one that the service reads: none is missing in it, and none too many. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const read = (file: string) => readFile(root + file, 'utf8');

test('every setting is in the table of docs/operating.md, and every one in it is a setting', async () => {
  const schema = /const environmentSchema = z\.object\(\{\n([\s\S]*?)\n\}\);/.exec(await read('src/config.ts'))![1]!;
  const settings = [...schema.matchAll(/^ {2}([A-Z_]+):/gm)].map(([, name]) => name);
  const table = /## Settings\n([\s\S]*?)\n## /.exec(await read('docs/operating.md'))![1]!;
  const told = [...table.matchAll(/^\| (`[^|]*) \|/gm)].flatMap(([, names]) => names!.match(/[A-Z_]{2,}/g) ?? []);
  expect(settings.length).toBeGreaterThan(10);
  expect(told.toSorted()).toEqual(settings.toSorted());
});
