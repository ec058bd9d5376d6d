/**
 * `azukari log`: the logs of the city, one a year (docs/operating.md). Every step may be repeated; running services and signers take the turn up by
 * themselves.
 */
import type { OperatorAccess } from './operator-access.js';
import { runAsOperator, type Say, type Work } from './operator-command.js';
import { readCityLogs } from './transparency-log/city-logs.js';
import { openNextLog, prepareNextLog, TurnRefused, untilSigned } from './transparency-log/turn/open-next-log.js';

const usage = `Usage:
  azukari log list                       the logs of the city, and which of them is open
  azukari log prepare --origin <origin>  make the key of the next log, which witnesses and verifiers have to know before it begins
  azukari log next --origin <origin>     close the log that is open and begin that one

  --origin <origin>   <city>.azukari.example/log/<year>; no origin is ever used twice
`;

/** So long it is waited for the signers; they go on by themselves. */
const signedWaitMs = 10_000;

/** @param args what follows `azukari log`. Exit code 0: done, 1: not done and why, 2: wrong usage. */
export function runLog(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  say?: Say,
): Promise<number> {
  const work = commandFor(args);
  return runAsOperator(work && orRefused(work), { environment, usage, say });
}

function commandFor([command, option, origin, ...rest]: readonly string[]): Work | null {
  if (command === 'list' && option === undefined) return list;
  if (option !== '--origin' || origin === undefined || rest.length > 0) return null;
  if (command === 'prepare') return (access, say) => prepare(access, origin, say);
  return command === 'next' ? (access, say) => next(access, origin, say) : null;
}

function orRefused(work: Work): Work {
  return async (access, say) => {
    try {
      return await work(access, say);
    } catch (error) {
      if (!(error instanceof TurnRefused)) throw error;
      say(`Nothing was changed: ${error.message}.\n`);
      return 1;
    }
  };
}

async function list({ pool }: OperatorAccess, say: Say): Promise<number> {
  for (const { origin, size, finalNote } of await readCityLogs(pool)) {
    const state =
      size === null ? 'open' : `closed with ${size} entries${finalNote === null ? ', not signed to its end yet' : ''}`;
    say(`log      ${origin}, ${state}\n`);
  }
  return 0;
}

async function prepare({ pool, keys }: OperatorAccess, origin: string, say: Say): Promise<number> {
  const vkey = await prepareNextLog(pool, keys, origin);
  say(`The key of ${origin} is made; nothing is signed with it yet.\n  pin      ${vkey}\n`);
  say(
    'Back up keys/, and copy the new file to every machine with a signer. Start witnesses again with this key too (--log),\n',
  );
  say(
    `and give it to the board, mirrors and recipients. Then: npm run --silent azukari -- log next --origin ${origin}\n`,
  );
  return 0;
}

async function next({ pool, keys }: OperatorAccess, origin: string, say: Say): Promise<number> {
  const { closed, vkey, isAgain } = await openNextLog(pool, keys, origin, (sentence) => say(`${sentence} …\n`));
  if (isAgain) say(`${origin} is the log that is open; nothing was changed.\n`);
  say(`closed   ${closed.origin}, ${closed.size} entries\nopen     ${origin}\n  pin      ${vkey}\n`);
  if (await untilSigned(pool, signedWaitMs))
    say('Both are signed: the closed log to its end, the new one from its beginning.\n');
  else
    say(
      'The new log is signed once a signer runs that has its key; until then nothing is provided, and withdrawals work.\n',
    );
  return 0;
}
