/**
 * `azukari verify`: the checks of this folder as a command that needs a public key, and neither a database nor the operator. It prints what it
 * found, with the place, and what it did not check. Exit codes: 0 all checks passed, 1 something is wrong with what was checked,
 * 2 nothing can be said (wrong usage, unreadable log).
 */
import { stat } from 'node:fs/promises';
import { systemClock } from '../kernel/clock.js';
import { checkLog } from './check-log.js';
import { openCheckpoint, type Trust, trustIn } from './checkpoint.js';
import { checkIndexes } from './completeness/check-indexes.js';
import { checkSubject, type LogQuestion } from './completeness/check-subject.js';
import { parseCompletenessFile } from './completeness/completeness-file.js';
import { compareCheckpoints } from './consistency.js';
import { coveredReader } from './covered-reader.js';
import { toFinding, VerificationError } from './finding.js';
import { ReadFailure } from './reader.js';
import {
  type Expectation,
  isResidentReceipt,
  trustInReceipt,
  verifyResidentReceipt,
  verifyReceipt,
} from './receipt.js';
import { checkFirst, notFirst } from './turn/check-first.js';
import { compareWithPrevious, peekQuote, readPrevious } from './turn/check-previous.js';
import { Opening } from './turn/standing.js';
import {
  type CommandOutput,
  findNeighbour,
  findNeighbours,
  openSource,
  parse,
  readEvidence,
  readText,
  requirePositionals,
  sourceOptions,
  trustFrom,
  trustOptions,
  UsageError,
  wholeNumber,
} from './verify-options.js';
import {
  describeResidentReceipt,
  describeFinding,
  describeLog,
  describeReceipt,
  notCheckedByConsistency,
} from './verify-report.js';

export const verifyUsage = `Usage:
  azukari verify log <directory|URL> --vkey <key> [--earlier <checkpoint file>]… [--receipt <file>]… [--token-file <file>]
  azukari verify receipt <file>… --vkey <key> [--recipient <id>] [--program <id>] [--pairwise-id <id>]
  azukari verify consistency <earlier checkpoint file> <directory|URL> --vkey <key>
  azukari verify index <directory|URL> --vkey <key> [--token-file <file>]
  azukari verify subject <completeness file>…|<directory|URL> --key-file <file> --vkey <key> [--log <directory|URL>] [--token-file <file>]

  --vkey <key>        the log's public key, got from somebody you trust; twice during a key rotation. The first says which log is meant; keys of
                      other years' logs may follow
  --origin <origin>   the log's origin, when it is not the name in the key
  --policy <file>     a witness policy (c2sp.org/tlog-policy): who must have cosigned; may name the log's key too
  --witness <key>     a witness's public key, any number; --quorum <k> of them must have cosigned
  --earlier <file>    a checkpoint kept from an earlier day: the log must begin with it
  --token-file <file> holds the bearer token of a mirror (or AZUKARI_MIRROR_TOKEN): entries are not public
  --key-file <file>   a resident's own key, which finds their entries
  --previous <dir|URL> the log of the year before, where it does not lie beside this one
  --log <dir|URL>     the log itself, to hold a completeness file against
  --tolerance <min>   minutes by which time may run backwards between entries (2)

  Exit code 0: every check passed. 1: something is wrong, or is not there although a checkpoint covers it. 2: it could not be checked.
`;

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
    previous: { type: 'string' },
  });
  const [source] = requirePositionals(positionals, 1, 'a directory or URL of a log');
  const trust = await trustFrom(values);
  const reader = await openSource(source!, values['token-file'], environment, trust.origin);
  const quote = await peekQuote(reader);
  const place = values.previous ?? source!;
  const neighbour = quote && (await findNeighbour(place, values['token-file'], environment, quote.origin));
  const previous = neighbour && (await readPrevious(neighbour, quote, trust, systemClock()));
  const opening = new Opening();
  const report = await checkLog(reader, trust, {
    earlier: await readEvidence(values.earlier),
    receipts: await readEvidence(values.receipt),
    toleranceMinutes: values.tolerance === undefined ? 2 : wholeNumber(values.tolerance, '--tolerance'),
    now: systemClock(),
    onEntry: (_index, entry) => opening.next(entry),
    ...(previous?.log ? { consentsBefore: previous.log.consentsOfLastMonth } : {}),
  });
  const fit = previous ? compareWithPrevious(previous, trust.origin, opening) : { findings: [], lost: [] };
  const others = originsIn(trust).filter((origin) => origin !== trust.origin);
  const ofFirst = quote
    ? []
    : await checkFirst(reader, await findNeighbours(place, values['token-file'], environment, others));
  if (!quote && values.previous !== undefined && ofFirst.length === 0)
    ofFirst.push(notFirst(`${values.previous} is said to be that log`));
  const ofTurn = [...ofFirst, ...(previous?.findings ?? []), ...fit.findings];
  output.stdout(describeLog(report, trust, { quote, previous, findings: ofTurn, lost: fit.lost }));
  return report.findingsTotal + ofTurn.length === 0 ? 0 : 1;
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
    const receipt = content.toString();
    const own = trustInReceipt(receipt, trust);
    // Whoever expects a recipient or a program expects a provision.
    if (isResidentReceipt(receipt) && Object.keys(expected).length === 0) {
      const outcome = verifyResidentReceipt(receipt, own, label);
      output.stdout(outcome.ok ? describeResidentReceipt(label, outcome) : describeFinding(outcome.finding));
      isFine &&= outcome.ok;
      continue;
    }
    const outcome = verifyReceipt(receipt, own, expected, label);
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
  const reader = await openSource(source!, values['token-file'], environment, trust.origin);
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
  const { tile: readTile } = coveredReader(reader, newer!);
  const finding = await compareCheckpoints(older!, newer!, readTile);
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
  const reader = await openSource(source!, values['token-file'], environment, trust.origin);
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
  const [subject, ...others] = positionals;
  if (subject === undefined) throw new UsageError('name completeness files, or a directory or URL of a log');
  const keyFile = values['key-file'];
  if (keyFile === undefined) throw new UsageError('name the resident’s key with --key-file');
  const trust = await trustFrom(values);
  const isLog = /^https?:\/\//.test(subject) || (await isDirectory(subject));
  if (isLog && values.log !== undefined) throw new UsageError('--log goes with a completeness file');
  if (isLog && others.length > 0)
    throw new UsageError('name one directory or URL; the pinned keys say which of its logs');
  const open = (source: string, origin: string) => openSource(source, values['token-file'], environment, origin);
  const logs: LogQuestion[] = [];
  if (isLog) {
    for (const origin of originsIn(trust)) {
      const one = trustIn(trust, origin);
      logs.push({ file: null, reader: await open(subject, origin), trust: one });
    }
  }
  for (const file of isLog ? [] : await readEvidence(positionals)) {
    const one = trustIn(trust, originOf(file.content.toString()) ?? trust.origin);
    logs.push({ file, reader: values.log === undefined ? null : await open(values.log, one.origin), trust: one });
  }
  const { text, findings } = await checkSubject({
    ...{ keyFile: { label: keyFile, content: await readText(keyFile) }, logs, now: systemClock() },
  });
  output.stdout(text);
  return findings === 0 ? 0 : 1;
}

/** The log that is meant, and the others that a key is pinned for. */
function originsIn({ origin, logKeys }: Trust): string[] {
  const names = logKeys.map(({ name }) => name);
  // A key given by hand may have another name than the log it signs.
  return names.includes(origin) ? [...new Set([origin, ...names])] : [origin];
}

function originOf(file: string): string | null {
  try {
    return parseCompletenessFile(file).origin;
  } catch (error) {
    if (error instanceof VerificationError) return null;
    throw error;
  }
}

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
