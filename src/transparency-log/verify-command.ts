/**
 * `azukari verify`: the checks of this folder as a command that needs a public key, and neither a database nor the operator. It prints what it
 * found, with the place, and what it did not check. Exit codes: 0 all checks passed, 1 something is wrong with what was checked,
 * 2 nothing can be said (wrong usage, unreadable log).
 */
import { readFile, stat } from 'node:fs/promises';
import { type ParseArgsOptionsConfig, parseArgs } from 'node:util';
import { utf8 } from '../kernel/bytes.js';
import { systemClock } from '../kernel/clock.js';
import { checkLog, type Evidence } from './check-log.js';
import { openCheckpoint, parseTrust, type Trust } from './checkpoint.js';
import { checkIndexes } from './completeness/check-indexes.js';
import { checkSubject } from './completeness/check-subject.js';
import { compareCheckpoints } from './consistency.js';
import { directoryReader } from './directory-reader.js';
import { toFinding, VerificationError } from './finding.js';
import { httpReader } from './http-reader.js';
import { parseVerifierKey } from './note-key.js';
import { type LogReader, ReadFailure } from './reader.js';
import { type Expectation, verifyReceipt } from './receipt.js';
import { describeFinding, describeLog, describeReceipt, notCheckedByConsistency } from './verify-report.js';
import { trustByPolicy } from './witness/policy-trust.js';
import { parseWitnessPolicy } from './witness/witness-policy.js';

export const verifyUsage = `Usage:
  azukari verify log <directory|URL> --vkey <key> [--earlier <checkpoint file>]… [--receipt <file>]… [--token-file <file>]
  azukari verify receipt <file>… --vkey <key> [--recipient <id>] [--program <id>] [--pairwise-id <id>]
  azukari verify consistency <earlier checkpoint file> <directory|URL> --vkey <key>
  azukari verify index <directory|URL> --vkey <key> [--token-file <file>]
  azukari verify subject <completeness file|directory|URL> --key-file <file> --vkey <key> [--log <directory|URL>] [--token-file <file>]

  --vkey <key>        the log's public key, got from somebody you trust; twice during a key rotation
  --origin <origin>   the log's origin, when it is not the name in the key
  --policy <file>     a witness policy (c2sp.org/tlog-policy): who must have cosigned; may name the log's key too
  --witness <key>     a witness's public key, any number; --quorum <k> of them must have cosigned
  --earlier <file>    a checkpoint kept from an earlier day: the log must begin with it
  --token-file <file> holds the bearer token of a mirror (or AZUKARI_MIRROR_TOKEN): entries are not public
  --key-file <file>   a resident's own key, which finds their entries
  --log <dir|URL>     the log itself, to hold a completeness file against
  --tolerance <min>   minutes by which time may run backwards between entries (2)

  Exit code 0: every check passed. 1: something is wrong. 2: it could not be checked.
`;

export interface CommandOutput {
  stdout(text: string): void;
}

export class UsageError extends Error {}

/** @param args what follows `azukari verify`. */
export async function runVerify(
  args: readonly string[],
  output: CommandOutput,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<0 | 1 | 2> {
  if (args.includes('--help')) {
    output.stdout(verifyUsage);
    return 0;
  }
  const [subject, ...rest] = args;
  try {
    switch (subject) {
      case 'log':
        return await verifyLog(rest, output, environment);
      case 'receipt':
        return await verifyReceipts(rest, output);
      case 'consistency':
        return await verifyConsistencyOf(rest, output, environment);
      case 'index':
        return await verifyIndexes(rest, output, environment);
      case 'subject':
        return await verifySubject(rest, output, environment);
      case undefined:
        throw new UsageError('say what to verify');
      default:
        throw new UsageError(`${subject} cannot be verified`);
    }
  } catch (error) {
    if (error instanceof UsageError) output.stdout(`${error.message}\n\n${verifyUsage}`);
    else if (error instanceof ReadFailure) output.stdout(`cannot check: ${error.message}\n`);
    else throw error;
    return 2;
  }
}

export const trustOptions = {
  vkey: { type: 'string', multiple: true },
  origin: { type: 'string' },
  witness: { type: 'string', multiple: true },
  quorum: { type: 'string' },
  policy: { type: 'string' },
} as const satisfies ParseArgsOptionsConfig;

export const sourceOptions = { 'token-file': { type: 'string' } } as const satisfies ParseArgsOptionsConfig;

async function verifyLog(
  args: string[],
  output: CommandOutput,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { values, positionals } = parse(args, {
    ...trustOptions,
    ...sourceOptions,
    earlier: { type: 'string', multiple: true },
    receipt: { type: 'string', multiple: true },
    tolerance: { type: 'string' },
  });
  const [source] = requirePositionals(positionals, 1, 'a directory or URL of a log');
  const trust = await trustFrom(values);
  const report = await checkLog(await openSource(source!, values['token-file'], environment), trust, {
    earlier: await readEvidence(values.earlier),
    receipts: await readEvidence(values.receipt),
    toleranceMinutes: values.tolerance === undefined ? 2 : wholeNumber(values.tolerance, '--tolerance'),
    now: systemClock(),
  });
  output.stdout(describeLog(report, trust));
  return report.findingsTotal === 0 ? 0 : 1;
}

async function verifyReceipts(args: string[], output: CommandOutput): Promise<0 | 1> {
  const { values, positionals } = parse(args, {
    ...trustOptions,
    recipient: { type: 'string' },
    program: { type: 'string' },
    'pairwise-id': { type: 'string' },
  });
  if (positionals.length === 0) throw new UsageError('name a receipt');
  const trust = await trustFrom(values);
  const expected: Expectation = {
    ...(values.recipient === undefined ? {} : { recipient: values.recipient }),
    ...(values.program === undefined ? {} : { program: values.program }),
    ...(values['pairwise-id'] === undefined ? {} : { pairwiseId: values['pairwise-id'] }),
  };
  let isFine = true;
  for (const { label, content } of await readEvidence(positionals)) {
    const outcome = verifyReceipt(content.toString(), trust, expected, label);
    output.stdout(outcome.ok ? describeReceipt(label, outcome, expected) : describeFinding(outcome.finding));
    isFine &&= outcome.ok;
  }
  return isFine ? 0 : 1;
}

async function verifyConsistencyOf(
  args: string[],
  output: CommandOutput,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { values, positionals } = parse(args, { ...trustOptions, ...sourceOptions });
  const [file, source] = requirePositionals(positionals, 2, 'an earlier checkpoint and a directory or URL of a log');
  const trust = await trustFrom(values);
  const reader = await openSource(source!, values['token-file'], environment);
  const [earlier] = await readEvidence([file!]);
  const { origin, logKeys } = trust;
  const notes = [
    // What the log once signed binds it, whether a witness saw it or not.
    { place: file!, note: earlier!.content, by: { origin, logKeys } },
    { place: 'checkpoint', note: await reader.checkpoint(), by: trust },
  ];
  const checkpoints = [];
  for (const { place, note, by } of notes) {
    try {
      checkpoints.push(openCheckpoint(note, by));
    } catch (error) {
      output.stdout(describeFinding(toFinding(error, place)));
      return 1;
    }
  }
  const [older, newer] = checkpoints;
  const finding = await compareCheckpoints(older!, newer!, (level, n, width) => reader.tile(level, n, width));
  if (finding) output.stdout(describeFinding(finding));
  else {
    output.stdout(`ok: the log of ${newer!.size} entries begins with the ${older!.size} entries of ${file}\n`);
    output.stdout(notCheckedByConsistency);
  }
  return finding ? 1 : 0;
}

/** The whole log is checked, and with it every index; what is told is about the indexes. */
async function verifyIndexes(
  args: string[],
  output: CommandOutput,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { values, positionals } = parse(args, { ...trustOptions, ...sourceOptions });
  const [source] = requirePositionals(positionals, 1, 'a directory or URL of a log');
  const trust = await trustFrom(values);
  const reader = await openSource(source!, values['token-file'], environment);
  const { text, findings } = await checkIndexes(reader, trust, systemClock());
  output.stdout(text);
  return findings === 0 ? 0 : 1;
}

async function verifySubject(
  args: string[],
  output: CommandOutput,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { values, positionals } = parse(args, {
    ...trustOptions,
    ...sourceOptions,
    'key-file': { type: 'string' },
    log: { type: 'string' },
  });
  const [subject] = requirePositionals(positionals, 1, 'a completeness file, or a directory or URL of a log');
  const keyFile = values['key-file'];
  if (keyFile === undefined) throw new UsageError('name the resident’s key with --key-file');
  const trust = await trustFrom(values);
  const isLog = /^https?:\/\//.test(subject!) || (await isDirectory(subject!));
  if (isLog && values.log !== undefined) throw new UsageError('--log goes with a completeness file');
  const source = isLog ? subject! : values.log;
  const { text, findings } = await checkSubject({
    keyFile: { label: keyFile, content: await readText(keyFile) },
    file: isLog ? null : { label: subject!, content: await readText(subject!) },
    reader: source === undefined ? null : await openSource(source, values['token-file'], environment),
    ...{ trust, now: systemClock() },
  });
  output.stdout(text);
  return findings === 0 ? 0 : 1;
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

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

export async function openSource(
  source: string,
  tokenFile: string | undefined,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<LogReader> {
  if (!/^https?:\/\//.test(source)) return directoryReader(source);
  const token = tokenFile === undefined ? environment.AZUKARI_MIRROR_TOKEN : await readText(tokenFile);
  return httpReader(source, token?.trim());
}

async function readEvidence(files: readonly string[] | undefined): Promise<Evidence[]> {
  return Promise.all((files ?? []).map(async (file) => ({ label: file, content: await readText(file) })));
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    throw new ReadFailure(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`, { cause: error });
  }
}
