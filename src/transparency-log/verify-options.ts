/**
 * What the commands that read logs have in common: whom to trust, where the log is, and what was brought along. Without a pinned key nothing is
 * verified: there is no default and none is fetched.
 */
import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { utf8 } from '../kernel/bytes.js';
import type { Evidence } from './check-log.js';
import { parseTrust, peekCheckpoint, type Trust } from './checkpoint.js';
import { nameOfLog } from './city-logs.js';
import { directoryReader } from './directory-reader.js';
import { VerificationError } from './finding.js';
import { httpReader } from './http-reader.js';
import { parseVerifierKey } from './note-key.js';
import { type LogReader, ReadFailure } from './reader.js';
import { trustByPolicy } from './witness/policy-trust.js';
import { parseWitnessPolicy } from './witness/witness-policy.js';

export interface CommandOutput {
  stdout(text: string): void;
}

export class UsageError extends Error {}

export const trustOptions = {
  vkey: { type: 'string', multiple: true },
  origin: { type: 'string' },
  witness: { type: 'string', multiple: true },
  quorum: { type: 'string' },
  policy: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const sourceOptions = { 'token-file': { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

export function parse<Options extends ParseArgsOptionsConfig>(args: string[], options: Options) {
  try {
    return parseArgs({ args, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

export function requirePositionals(positionals: readonly string[], count: number, what: string): readonly string[] {
  if (positionals.length !== count) throw new UsageError(`name ${what}`);
  return positionals;
}

/** Without a pinned key nothing is verified: there is no default and none is fetched. */
export async function trustFrom(values: {
  vkey?: string[] | undefined;
  origin?: string | undefined;
  witness?: string[] | undefined;
  quorum?: string | undefined;
  policy?: string | undefined;
}): Promise<Trust> {
  if (values.policy !== undefined) return trustByPolicyFile(values.policy, values);
  const [first] = values.vkey ?? [];
  if (first === undefined) throw new UsageError('pin the key of the log with --vkey');
  const witnessVkeys = values.witness ?? [];
  try {
    return parseTrust({
      origin: values.origin ?? parseVerifierKey(first).name,
      vkeys: values.vkey!,
      witnessVkeys,
      quorum: values.quorum === undefined ? witnessVkeys.length : wholeNumber(values.quorum, '--quorum'),
    });
  } catch (error) {
    if (error instanceof VerificationError) throw new UsageError(error.message);
    throw error;
  }
}

async function trustByPolicyFile(
  file: string,
  { vkey, origin, witness, quorum }: { vkey?: string[]; origin?: string; witness?: string[]; quorum?: string },
): Promise<Trust> {
  if (witness !== undefined || quorum !== undefined) {
    throw new UsageError('a policy names its witnesses and its quorum: leave out --witness and --quorum');
  }
  try {
    return trustByPolicy(parseWitnessPolicy(utf8(await readText(file))), { vkeys: vkey, origin });
  } catch (error) {
    if (error instanceof VerificationError) throw new UsageError(error.message);
    throw error;
  }
}

export function wholeNumber(text: string, option: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new UsageError(`${option} takes a whole number`);
  return Number(text);
}

type Environment = Readonly<Record<string, string | undefined>>;

const isAddress = (source: string): boolean => /^https?:\/\//.test(source);

/**
 * The log of this origin at a directory or URL: in the folder that bears its name, as a city keeps and serves its logs, or there itself. It need not be
 * there: then whoever reads is told.
 */
export async function openSource(
  source: string,
  tokenFile: string | undefined,
  environment: Environment,
  origin: string,
): Promise<LogReader> {
  const open = await opener(source, tokenFile, environment);
  return (await findLog(open, [inside(source, origin)], origin)) ?? open(source);
}

/** The log of this origin beside or below another one; null where it is not. */
export async function findNeighbour(
  source: string,
  tokenFile: string | undefined,
  environment: Environment,
  origin: string,
): Promise<LogReader | null> {
  const open = await opener(source, tokenFile, environment);
  return findLog(open, [source, inside(source, origin), inside(above(source), origin), above(source)], origin);
}

/** The logs at hand beside or below this one: of the origins that are named, and in a directory those in folders that bear their names. */
export async function findNeighbours(
  source: string,
  tokenFile: string | undefined,
  environment: Environment,
  origins: readonly string[],
): Promise<LogReader[]> {
  const named = await Promise.all(origins.map((origin) => findNeighbour(source, tokenFile, environment, origin)));
  const beside = isAddress(source) ? [] : [...(await foldersOf(source)), ...(await foldersOf(above(source)))];
  const found: LogReader[] = [];
  for (const folder of beside) {
    const reader = directoryReader(folder);
    if (basename(folder) === nameOfLog((await originAt(reader)) ?? '')) found.push(reader);
  }
  return [...named.filter((reader) => reader !== null), ...found];
}

async function foldersOf(directory: string): Promise<string[]> {
  const entries = await readdir(directory, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(directory, name));
}

type Open = (place: string) => LogReader;

async function opener(source: string, tokenFile: string | undefined, environment: Environment): Promise<Open> {
  if (!isAddress(source)) return directoryReader;
  const token = tokenFile === undefined ? environment.AZUKARI_MIRROR_TOKEN : await readText(tokenFile);
  return (place) => httpReader(place, token?.trim());
}

async function findLog(open: Open, places: readonly string[], origin: string): Promise<LogReader | null> {
  for (const place of places) {
    const reader = open(place);
    if ((await originAt(reader)) === origin) return reader;
  }
  return null;
}

/** Null where there is no log, or none that can be read. */
async function originAt(reader: LogReader): Promise<string | null> {
  try {
    return peekCheckpoint(await reader.checkpoint()).origin;
  } catch (error) {
    if (error instanceof ReadFailure || error instanceof VerificationError) return null;
    throw error;
  }
}

function inside(source: string, origin: string): string {
  return isAddress(source) ? `${source.replace(/\/+$/, '')}/${nameOfLog(origin)}` : join(source, nameOfLog(origin));
}

function above(source: string): string {
  return isAddress(source) ? source.replace(/\/+$/, '').replace(/\/[^/]*$/, '') : dirname(resolve(source));
}

export async function readEvidence(files: readonly string[] | undefined): Promise<Evidence[]> {
  return Promise.all((files ?? []).map(async (file) => ({ label: file, content: await readText(file) })));
}

export async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ReadFailure(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}
