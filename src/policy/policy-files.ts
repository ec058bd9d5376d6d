/**
 * The policy folder as bytes: read once, hashed, and parsed from the very bytes that were hashed, so that the digest in a log entry
 * always names the text that decided.
 */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { z } from 'zod';
import { sha256, toHex, utf8 } from '../kernel/bytes.js';
import { PolicyBookError } from './policy-book-error.js';

/** Path inside the folder, with `/`, to the file's bytes; in ascending order of path. */
export type PolicyFiles = ReadonlyMap<string, Buffer>;

const filesMax = 500;

/** @throws PolicyBookError for a symbolic link or special file, or when there are more files than a reader could read. */
export async function readPolicyFiles(directory: string): Promise<PolicyFiles> {
  const paths = await pathsUnder(directory, '');
  const files = new Map<string, Buffer>();
  for (const path of paths.sort(compareBytes)) files.set(path, await readFile(join(directory, path)));
  return files;
}

async function pathsUnder(directory: string, prefix: string): Promise<string[]> {
  const paths: string[] = [];
  for (const entry of await readdir(join(directory, prefix), { withFileTypes: true })) {
    const path = `${prefix}${entry.name}`;
    if (entry.isDirectory()) paths.push(...(await pathsUnder(directory, `${path}/`)));
    else if (entry.isFile()) paths.push(path);
    else throw new PolicyBookError(path, '', 'is neither a file nor a folder; links would let the text change unseen');
    if (paths.length > filesMax) throw new PolicyBookError(prefix, '', `there are more than ${filesMax} files`);
  }
  return paths;
}

function compareBytes(left: string, right: string): number {
  return Buffer.compare(utf8(left), utf8(right));
}

/**
 * The digest that approvals, consents and log entries carry: hex SHA-256 over one line `path NUL hex-SHA-256 LF` for each file, in
 * byte order of the paths. Names count as well as contents, comments and blanks as well as rules.
 */
export function digestPolicyFiles(files: PolicyFiles): string {
  const lines = [...files.keys()].sort(compareBytes).map((path) => `${path}\0${toHex(sha256(files.get(path)!))}\n`);
  return toHex(sha256(utf8(lines.join(''))));
}

/** The text of a file that must be there, in UTF-8. */
export function textOf(files: PolicyFiles, path: string): string {
  const bytes = files.get(path);
  if (!bytes) throw new PolicyBookError(path, '', 'the file is missing');
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new PolicyBookError(path, '', 'the file is not UTF-8');
  }
}

/** A YAML file in exactly the shape of `schema`. @throws PolicyBookError with the line or the member that is wrong. */
export function readYaml<Schema extends z.ZodType>(files: PolicyFiles, path: string, schema: Schema): z.infer<Schema> {
  const document = parseDocument(textOf(files, path), { version: '1.2', uniqueKeys: true });
  const problem = document.errors[0] ?? document.warnings[0];
  if (problem) {
    const line = problem.linePos?.[0].line;
    throw new PolicyBookError(path, line === undefined ? '' : `line ${line}`, problem.message.split('\n')[0]!);
  }
  return readShape(path, document.toJS(), schema);
}

/** A JSON file as it stands. */
export function readJson(files: PolicyFiles, path: string): unknown {
  try {
    return JSON.parse(textOf(files, path)) as unknown;
  } catch (error) {
    if (error instanceof PolicyBookError) throw error;
    throw new PolicyBookError(path, '', 'the file is not JSON');
  }
}

function readShape<Schema extends z.ZodType>(path: string, value: unknown, schema: Schema): z.infer<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new PolicyBookError(path, placeOf(issue.path), issue.message);
}

/** `fields[2].paths[0]` for `['fields', 2, 'paths', 0]`. */
function placeOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
