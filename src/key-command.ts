/**
 * `azukari key`: the keys that sign the log (docs/keys.md). Every step may be repeated; the running service takes a change up by
 * itself.
 */
import type { OperatorAccess } from './operator-access.js';
import { runAsOperator, type Say, type Work } from './operator-command.js';
import { describeKeys } from './transparency-log/keys/key-report.js';
import { readLogKeys } from './transparency-log/keys/log-keys.js';
import { retireKey, rotateKey } from './transparency-log/keys/rotation.js';

const usage = `Usage:
  azukari key list             the keys of the log, and which of them sign
  azukari key rotate           introduce a new key: both sign from now on
  azukari key retire <key id>  the key signs no more; its id are the 8 hex digits in it
`;

/** @param args what follows `azukari key`. Exit code 0: done, 1: not done and why, 2: wrong usage. */
export function runKey(
  args: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
  say?: Say,
): Promise<number> {
  return runAsOperator(commandFor(args), { environment, usage, say });
}

function commandFor(args: readonly string[]): Work | null {
  const [command, ...rest] = args;
  if (command === 'list' && rest.length === 0) return list;
  if (command === 'rotate' && rest.length === 0) return rotate;
  const [keyId] = rest;
  if (command !== 'retire' || rest.length !== 1 || !/^[0-9a-f]{8}$/.test(keyId!)) return null;
  return (access, say) => retire(access, keyId!, say);
}

async function list({ pool }: OperatorAccess, say: Say): Promise<number> {
  say(describeKeys(await readLogKeys(pool)));
  return 0;
}

async function rotate({ pool, keys }: OperatorAccess, say: Say): Promise<number> {
  const rotation = await rotateKey(pool, keys);
  if (rotation.outcome === 'refused') {
    say(`No key was introduced: ${rotation.sentence}.\n`);
    return 1;
  }
  if (rotation.outcome === 'under-way') {
    const [older, newer] = rotation.standing.map(({ vkey }) => vkey);
    say(`A rotation is under way; nothing was changed.\n  old key  ${older}\n  new key  ${newer}\n`);
    say(`When everybody who verifies has the new key: azukari key retire ${older!.split('+')[1]}\n`);
    return 0;
  }
  say(`Entry ${rotation.index} introduces the new key; from it on both sign.\n  pin      ${rotation.vkey}\n`);
  say(`Tell the board, mirrors and recipients. When they have it: azukari key retire ${rotation.old.split('+')[1]}\n`);
  return 0;
}

async function retire({ pool }: OperatorAccess, keyId: string, say: Say): Promise<number> {
  const retirement = await retireKey(pool, keyId);
  if (retirement.outcome === 'refused') {
    say(`The key was not retired: ${retirement.sentence}.\n`);
    return 1;
  }
  say(`Entry ${retirement.index} retires the key ${keyId}. It signs no checkpoint that covers this entry.\n`);
  say(
    `  pin      ${retirement.standing}\nOnly a restore from a backup older than this entry needs its private half: when there is none any more, delete its file in keys/.\n`,
  );
  return 0;
}
