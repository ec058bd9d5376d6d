/**
 * What stands at the end of a log and has to be stated again in the next one (design section 6): organisations, programs that were ever approved,
 * the witness policy, the policy in force. A log that leaves some of it out could be read only by who knows the one before.
 */
import type { Entry, EntryOf } from '../entry.js';

/** At the end of a log. */
export interface Standing {
  readonly organisations: ReadonlyMap<string, Pick<EntryOf<'org'>, 'kind' | 'status'>>;
  /** By id and version, as `<id> <version>`. */
  readonly programs: ReadonlyMap<string, Pick<EntryOf<'program'>, 'recipient' | 'status' | 'terms'>>;
  readonly witnesses: EntryOf<'witnesses'> | null;
  readonly policy: string;
}

const openingKinds: readonly Entry['t'][] = ['start', 'key', 'restore', 'policy', 'org', 'witnesses', 'program'];

/** Gathers what a log states at its beginning: up to the first entry of another kind. */
export class Opening {
  start: EntryOf<'start'> | null = null;
  firstKey: string | null = null;
  /** The log begins with a restore: the database that began it had lost some of what stood, and says so. */
  isRestored = false;
  witnesses: EntryOf<'witnesses'> | null = null;
  readonly organisations = new Map<string, EntryOf<'org'>[]>();
  readonly programs = new Map<string, EntryOf<'program'>[]>();
  private isOver = false;

  next(entry: Entry): void {
    this.isOver ||= !openingKinds.includes(entry.t);
    if (this.isOver) return;
    if (entry.t === 'start') this.start ??= entry;
    else if (entry.t === 'restore') this.isRestored = true;
    else if (entry.t === 'key') this.firstKey ??= entry.key;
    else if (entry.t === 'witnesses') this.witnesses ??= entry;
    else if (entry.t === 'org') add(this.organisations, entry.org, entry);
    else if (entry.t === 'program') add(this.programs, `${entry.program} ${entry.version}`, entry);
  }
}

function add<T>(map: Map<string, T[]>, key: string, value: T): void {
  map.set(key, [...(map.get(key) ?? []), value]);
}

/** What stood and is not stated again, or otherwise, each in words. */
export function notStatedAgain(before: Standing, opening: Opening): string[] {
  const missing: string[] = [];
  for (const [code, { kind, status }] of before.organisations) {
    const stated = opening.organisations.get(code) ?? [];
    const expected = status === 'suspended' || status === 'removed' ? ['registered', status] : ['registered'];
    if (stated[0]?.kind !== kind || expected.some((one, step) => stated[step]?.status !== one)) {
      missing.push(`${kind} ${code} (${expected.at(-1)})`);
    }
  }
  for (const [name, { recipient, status, terms }] of before.programs) {
    const stated = opening.programs.get(name) ?? [];
    const expected = status === 'approved' ? ['approved'] : ['approved', status];
    const isSame = stated[0]?.recipient === recipient && stated[0].terms === terms;
    if (!isSame || expected.some((one, step) => stated[step]?.status !== one)) {
      missing.push(`program ${name.replace(' ', ' version ')} of ${recipient} (${status})`);
    }
  }
  const { witnesses } = before;
  const again = opening.witnesses;
  if (
    witnesses &&
    (again?.witnesses !== witnesses.witnesses || again.quorum !== witnesses.quorum || again.limit !== witnesses.limit)
  ) {
    missing.push(`witness policy ${witnesses.witnesses.slice(0, 12)}`);
  }
  if (opening.start && opening.start.policy !== before.policy) missing.push(`policy ${before.policy.slice(0, 12)}`);
  return missing;
}
