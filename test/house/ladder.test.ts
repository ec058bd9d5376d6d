/** The folders of src/ are a ladder: a folder imports from itself and from rungs below it; never upwards, sideways, or in a circle. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const source = join(root, 'src');

/** Lowest first; folders on one rung may not import each other. */
const ladder: readonly (readonly string[])[] = [
  ['kernel'],
  ['database'],
  ['http'],
  ['policy'],
  ['transparency-log'],
  ['tokens'],
  ['residents', 'recipients', 'sources'],
  ['programs'],
  ['consents'],
  ['vault'],
  ['provision', 'staff'],
  ['board'],
  ['pages'],
  ['demo'],
];

const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));

function importsOf(file: string): string[] {
  const text = readFileSync(join(source, file), 'utf8');
  return [...text.matchAll(/(?:from|import)\s*\(?\s*'(\.[^']+)'/g)].map((match) =>
    relative(source, resolve(dirname(join(source, file)), match[1]!)),
  );
}

const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : null);
const rungOf = (folder: string) => ladder.findIndex((rung) => rung.includes(folder));

test('every folder of src stands on the ladder', () => {
  const folders = readdirSync(source, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(folders.map(({ name }) => name).sort()).toEqual(ladder.flat().toSorted());
});

test('no file imports upwards or sideways', () => {
  const wrong = files.flatMap((file) => {
    const own = folderOf(file);
    if (own === null) return [];
    return importsOf(file)
      .filter((imported) => {
        const other = folderOf(imported);
        if (imported.startsWith('..')) return true;
        return other === null || (other !== own && rungOf(other) >= rungOf(own));
      })
      .map((imported) => `${file} imports ${imported}`);
  });
  expect(wrong).toEqual([]);
});

test('no imports go in a circle', () => {
  const graph = new Map(
    files.map((file) => [file.replace(/\.tsx?$/, ''), importsOf(file).map((name) => name.replace(/\.js$/, ''))]),
  );
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
    else if (!done.has(file)) {
      for (const next of graph.get(file) ?? []) walk(next, [...path, file]);
      done.add(file);
    }
  };
  for (const file of graph.keys()) walk(file, []);
  expect(circles).toEqual([]);
});

test('the log’s verifier can be imported without Nest or a database', () => {
  const seen = new Set<string>();
  const foreign = new Set<string>();
  const walk = (file: string): void => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = readFileSync(join(source, `${file}.ts`), 'utf8');
    for (const match of text.matchAll(/^(?:import|export) (?!type)[^;]*?from '([^']+)'/gms)) {
      if (match[1]!.startsWith('.'))
        walk(relative(source, resolve(dirname(join(source, file)), match[1]!)).replace(/\.js$/, ''));
      else if (!match[1]!.startsWith('node:')) foreign.add(match[1]!);
    }
  };
  const entries = [
    'check-log',
    'verifier',
    'http-reader',
    'directory-reader',
    'verify-command',
    'mirror/mirror-command',
    'witness/witness-command',
  ];
  for (const entry of entries) walk(`transparency-log/${entry}`);
  expect([...foreign].sort()).toEqual(['canonicalize']);
});
