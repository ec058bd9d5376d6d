/**
 * What a driver saw, told in the times of one monotonic clock. A request happened somewhere between its start and its end; nothing else is
 * assumed about any node's clock. All events of one history concern one resident and one program.
 */

/** Two things can be shut: the resident's consent, and the program for everybody. */
export const gates = ['consent', 'program'] as const;
export type Gate = (typeof gates)[number];

interface Timed {
  /** The node that was asked; it only helps to read a violation. */
  readonly node: string;
  /** Nanoseconds. */
  readonly startedAt: bigint;
  readonly endedAt: bigint;
}

/** Shuts or opens a gate. In doubt: no answer came, so it may have happened at any time since it was sent. */
export interface Change extends Timed {
  readonly op: 'withdraw' | 'give' | 'suspend' | 'resume';
  readonly outcome: 'done' | 'in doubt' | 'not done';
}

export type Read = Timed &
  (
    | {
        readonly op: 'read';
        readonly outcome: 'data';
        /** Index of the log entry in the receipt. */
        readonly index: number;
        /** The numbers of the deposits whose data came. */
        readonly markers: readonly number[];
      }
    | { readonly op: 'read'; readonly outcome: 'shut'; readonly gate: Gate }
    | { readonly op: 'read'; readonly outcome: 'failed' }
  );

/** A node said how a gate stands, without data: the consent's state, the list of those who consent. */
export interface Look extends Timed {
  readonly op: 'look';
  readonly gates: readonly Gate[];
  readonly outcome: 'open' | 'shut';
}

export interface Deposit extends Timed {
  readonly op: 'deposit';
  readonly marker: number;
  /** Index of its log entry; null when no answer came. */
  readonly index: number | null;
}

export type HistoryEvent = Change | Read | Look | Deposit;

const effects = {
  withdraw: ['consent', 'shuts'],
  suspend: ['program', 'shuts'],
  give: ['consent', 'opens'],
  resume: ['program', 'opens'],
} as const satisfies Record<Change['op'], readonly [Gate, 'shuts' | 'opens']>;

/** Which gate a change concerns, and whether it shuts or opens it. */
export function effectOf(change: Change): (typeof effects)[Change['op']] {
  return effects[change.op];
}

export function isChange(event: HistoryEvent): event is Change {
  return event.op in effects;
}
