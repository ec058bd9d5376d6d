/** The project's own policy folder for tests, whole or changed. */
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { loadPolicyBook, type PolicyBook } from '../../src/policy/policy-book.js';

/** dist/test/policy → the repository. */
export const repository = join(dirname(fileURLToPath(import.meta.url)), '../../..');
export const policies = join(repository, 'policies');
export const shared = join(repository, '../shared/inputs');

let loaded: Promise<PolicyBook> | undefined;

export function thePolicyBook(): Promise<PolicyBook> {
  return (loaded ??= loadPolicyBook(policies));
}

/** A copy of the folder to be changed; `use` removes it afterwards. */
export async function withACopy<Result>(use: (directory: string) => Promise<Result>): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'azukari-policies-'));
  try {
    await cp(policies, directory, { recursive: true });
    return await use(directory);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

export async function change(directory: string, path: string, edit: (text: string) => string): Promise<void> {
  const before = await readFile(join(directory, path), 'utf8');
  const after = edit(before);
  if (after === before) throw new Error(`the edit of ${path} changes nothing`);
  await writeFile(join(directory, path), after);
}

/** Every JSON file below a folder, by name. */
export async function jsonFilesUnder(directory: string): Promise<{ name: string; text: string }[]> {
  const names = (await readdir(directory, { recursive: true })).filter((name) => name.endsWith('.json'));
  return Promise.all(names.sort().map(async (name) => ({ name, text: await readFile(join(directory, name), 'utf8') })));
}
