/** What a restore did and what it could not bring back, for the operator at the terminal. */
import type { Replayed } from './journal-replay.js';
import type { Restored } from './transparency-log/restore/restore-log.js';

type Say = (sentence: string) => void;

const sentences: Readonly<Record<string, string>> = {
  'consents ended': 'consents had ended since the backup and are ended',
  'organisations stopped': 'organisations had been suspended or removed since the backup and are so',
  'programs stopped': 'programs had been suspended or retired since the backup and are so',
  'residents erased': 'residents had erased their data since the backup: it is erased again',
  'consents lost': 'consents were given since the backup and are lost: the residents have to be asked again',
};

export function sayRestored(
  { origin, from, to, before, moved, consequences }: Restored,
  directory: string,
  say: Say,
): void {
  for (const one of before) {
    say(
      `Entries ${one.from} to ${one.to - 1} of ${one.origin} were missing and have been taken from ${directory} again.`,
    );
  }
  if (before.length > 0) say(`The log ${origin} has begun since, and goes on.`);
  else if (from === to) {
    say(`The database agrees with the ${to} entries in ${directory}; nothing was missing.`);
    return;
  }
  if (from < to) say(`Entries ${from} to ${to - 1} were missing and have been taken from ${directory} again.`);
  if (moved > 0) say(`  ${moved} entries that were appended meanwhile stand behind them`);
  for (const { what, howMany } of consequences) {
    if (howMany > 0) say(`  ${sentenceFor(what, howMany)}`);
  }
  say('  everybody has to sign in again, and recipients need new access tokens');
}

function sentenceFor(what: string, howMany: number): string {
  const [kind, name] = what.split(': ', 2) as [string, string?];
  switch (kind) {
    case 'deposits lost':
      return `${howMany} deposited records are lost, to be handed over again: ${name}`;
    case 'unknown':
      return `registered since the backup, to be registered again: ${name}`;
    case 'decide again':
      return `approved since the backup, to be decided again: ${name}`;
    default:
      return `${howMany} ${sentences[what] ?? what}`;
  }
}

export function sayReplayed({ erasures, halfErased, withdrawals, programs, recipients }: Replayed, say: Say): void {
  if (halfErased > 0) {
    say(
      `City and key store did not agree: ${halfErased} residents who were erased in the one were still in the other, and are erased there too.`,
    );
  }
  if (erasures + withdrawals + programs + recipients === 0) return;
  say(
    `The journal had what the database did not know: ${withdrawals} consents are withdrawn again, ${programs} programs and ${recipients} recipients are stopped again, ${erasures} residents are erased again.`,
  );
}
