/**
 * `azukari mirror`: keeps a verified copy of a city's log and of those that follow it, to check it from, to serve it from, and to hold against its operator. It goes on from where
 * it was killed; it stops, and keeps both checkpoints, when the log contradicts what it showed before. Exit codes: 0 the copy is up to
 * date (or a follower was asked to stop), 1 something is wrong with the log or the copy, 2 nothing can be said.
 */
import { setTimeout } from 'node:timers/promises';
import { isMissing } from '../covered-reader.js';
import { ReadFailure } from '../reader.js';
import { describeFinding } from '../verify-report.js';
import {
  type CommandOutput,
  findNeighbour,
  openSource,
  parse,
  requirePositionals,
  sourceOptions,
  trustFrom,
  trustOptions,
  UsageError,
  wholeNumber,
} from '../verify-options.js';
import { FollowedLogs, type LogsOutcome } from './follow-logs.js';

export const mirrorUsage = `Usage:
  azukari mirror <URL> <directory> --vkey <key> [--token-file <file>] [--follow [--every <seconds>]]

  --vkey <key>        the log's public key, got from somebody you trust; twice during a key rotation
  --origin, --witness, --quorum   as azukari verify has them
  --token-file <file> holds the bearer token of a mirror (or AZUKARI_MIRROR_TOKEN): entries are not public
  --follow            goes on until it is stopped; --every <seconds> between two rounds (60)

  In the directory each log has a folder of its own, named after its year; azukari verify log <directory> checks the one whose key is pinned. When a
  log is closed, the mirror goes on to the next by itself. One mirror writes to one directory.
  Exit code 0: the copy is up to date. 1: something is wrong, or is not there although a checkpoint covers it. 2: it could not be checked.
`;

/** A follower that cannot reach the log waits twice as long each time, up to this. */
const waitSecondsMax = 600;

/** Asked to stop before the copy was up to date. */
class Stopped extends Error {}

/** @param args what follows `azukari mirror`. @param stop ends a follower after the round under way, any other call at once. */
export async function runMirror(
  args: readonly string[],
  output: CommandOutput,
  stop: AbortSignal,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<0 | 1 | 2> {
  if (args.includes('--help')) {
    output.stdout(mirrorUsage);
    return 0;
  }
  try {
    return await mirror([...args], output, stop, environment);
  } catch (error) {
    if (error instanceof Stopped) output.stdout('stopped; the next call goes on from here\n');
    else if (error instanceof UsageError) output.stdout(`${error.message}\n\n${mirrorUsage}`);
    else output.stdout(`cannot go on: ${reasonOf(error)}\n`);
    return 2;
  }
}

async function mirror(
  args: string[],
  output: CommandOutput,
  stop: AbortSignal,
  environment: Readonly<Record<string, string | undefined>>,
): Promise<0 | 1> {
  const { values, positionals } = parse(args, {
    ...trustOptions,
    ...sourceOptions,
    follow: { type: 'boolean' },
    every: { type: 'string' },
  });
  const [source, path] = requirePositionals(positionals, 2, 'the URL of a log and a directory');
  if (values.every !== undefined && !values.follow) throw new UsageError('--every belongs to --follow');
  const everySeconds = values.every === undefined ? 60 : wholeNumber(values.every, '--every');
  if (everySeconds < 1) throw new UsageError('--every takes at least 1 second');
  const trust = await trustFrom(values);
  const find = async (origin: string) => {
    const open = origin === trust.origin ? openSource : requireNeighbour;
    return open(source!, values['token-file'], environment, origin);
  };
  const logs = new FollowedLogs(path!, trust, find);
  if (values.follow) return follow(logs, everySeconds, output, stop);
  // Whatever was kept until then is proved; the next call goes on from there.
  const stopped = new Promise<null>((resolve) => stop.addEventListener('abort', () => resolve(null), { once: true }));
  const exit = await Promise.race([once(logs, output), stopped]);
  if (exit === null) throw new Stopped();
  return exit;
}

async function once(logs: FollowedLogs, output: CommandOutput): Promise<0 | 1> {
  let exit: 0 | 1 = 0;
  for await (const outcome of round(logs, output)) exit = tell(outcome, output);
  return exit;
}

/** The log that followed may not have been signed yet. */
async function requireNeighbour(...[source, tokenFile, environment, origin]: Parameters<typeof openSource>) {
  const reader = await findNeighbour(source, tokenFile, environment, origin);
  if (!reader) throw new ReadFailure(`the log goes on as ${origin}, which cannot be read yet`);
  return reader;
}

function round(logs: FollowedLogs, output: CommandOutput): AsyncGenerator<LogsOutcome> {
  let told = 0;
  return logs.update((entries, size) => {
    const twentieth = Math.floor((entries * 20) / size);
    if (twentieth > told && entries < size) output.stdout(`${entries} of ${size} entries proved and kept\n`);
    told = entries === size ? 0 : Math.max(told, twentieth);
  });
}

async function follow(
  logs: FollowedLogs,
  everySeconds: number,
  output: CommandOutput,
  stop: AbortSignal,
): Promise<0 | 1> {
  let missing: string | null = null;
  for (let failures = 0; !stop.aborted;) {
    const outcome = await attempt(logs, output, missing);
    if (outcome === 'wrong') return 1;
    missing = outcome.missing;
    const waitSeconds = Math.max(everySeconds, Math.min(waitSecondsMax, everySeconds * 2 ** failures));
    if (outcome.failure !== null) output.stdout(`${outcome.failure}; asking again in ${waitSeconds} s\n`);
    failures = outcome.failure === null ? 0 : failures + 1;
    await pause(waitSeconds, stop);
  }
  output.stdout('stopped\n');
  return 0;
}

/** How a round ended that another may follow: why it may be another next time, in words, or null where it ended well. */
interface Attempt {
  readonly failure: string | null;
  /** From where on a log did not show what it signed. */
  readonly missing: string | null;
}

/** Tells of one round. @param before what was missing in the round before this one */
async function attempt(logs: FollowedLogs, output: CommandOutput, before: string | null): Promise<Attempt | 'wrong'> {
  try {
    for await (const outcome of round(logs, output)) {
      const finding = outcome.ok ? null : outcome.finding;
      // Cosignatures arrive a little after the checkpoint.
      if (finding?.code === 'too-few-witnesses') return { failure: finding.message, missing: null };
      // A follower outlasts a server that is being put back, or lags behind for longer. What is missing at the same place a round later is not on its way.
      const missing = finding && isMissing(finding) ? `${finding.code} ${finding.index} ${outcome.origin}` : null;
      if (finding && missing !== null && missing !== before) return { failure: finding.message, missing };
      if ((!outcome.ok || outcome.taken > 0) && tell(outcome, output) === 1) return 'wrong';
    }
    return { failure: null, missing: null };
  } catch (error) {
    // That it could not be read this time says nothing about what was missing before.
    return { failure: reasonOf(error), missing: before };
  }
}

/** Why it may be otherwise later: the log cannot be read, or the disk not be written. Anything else is a fault of ours, and thrown on. */
function reasonOf(error: unknown): string {
  const { syscall, message } = error as NodeJS.ErrnoException;
  if (error instanceof ReadFailure || syscall !== undefined) return message;
  throw error;
}

async function pause(seconds: number, stop: AbortSignal): Promise<void> {
  // Being stopped is no error here: the caller looks.
  await setTimeout(seconds * 1000, undefined, { signal: stop }).catch(() => undefined);
}

function tell(outcome: LogsOutcome, output: CommandOutput): 0 | 1 {
  if (outcome.ok) {
    const news = outcome.taken > 0 ? `${outcome.taken} of them new` : 'none of them new';
    output.stdout(
      `ok: the copy has all ${outcome.size} entries of the signed checkpoint, ${news} (${outcome.origin})\n`,
    );
    return 0;
  }
  output.stdout(describeFinding(outcome.finding));
  if (outcome.evidence) output.stdout(`Nothing was taken. The evidence is kept: ${outcome.evidence.join(' and ')}\n`);
  return 1;
}
