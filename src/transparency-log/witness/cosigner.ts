/**
 * Collects the cosignatures of a policy's witnesses on a checkpoint: all that are ready are asked at once, and a quorum is enough to go on.
 * A witness that is slow or dead delays nobody: who has not answered yet is left out of the next round.
 */
import type { VerifierKey } from '../note-key.js';
import { type ClientLimits, type Head, type Prove, WitnessClient } from './witness-client.js';
import type { PolicyWitness, WitnessPolicy } from './witness-policy.js';

export const clientLimits: ClientLimits = { deadlineMs: 2_500, backOffMs: 500, backOffMaxMs: 10_000 };

export class Cosigner {
  private readonly clients: readonly WitnessClient[];
  private readonly stopping = new AbortController();

  /** @param report told, for the service's own log, which witness fails and how. @param onAhead when one says that it holds more. */
  constructor(
    private readonly policy: WitnessPolicy,
    report: (sentence: string) => void,
    limits: ClientLimits = clientLimits,
    onAhead: () => void = () => undefined,
  ) {
    const isAsked = (witness: PolicyWitness): witness is PolicyWitness & { url: string } => witness.url !== null;
    this.clients = policy.witnesses
      .filter(isAsked)
      .map((witness) => new WitnessClient(witness, limits, report, onAhead));
  }

  /**
   * The checkpoint with the cosignatures of a quorum, in the order of the policy; null when there is none at the moment.
   * @param waitForAll asks for more than a quorum: until everybody asked has answered or the deadline is over.
   */
  cosign(head: Head, prove: Prove, waitForAll = false): Promise<string | null> {
    const asked = this.clients.filter((client) => client.isReady);
    const lines = new Map<VerifierKey, string>();
    const cosigned = () => (this.policy.isQuorum(new Set(lines.keys())) ? this.noteWith(head, lines) : null);
    return new Promise((resolve) => {
      let open = asked.length;
      if (open === 0) resolve(null);
      for (const client of asked) {
        void client.ask(head, prove, this.stopping.signal).then((line) => {
          open -= 1;
          if (line !== null) lines.set(client.witness.key, line);
          const note = cosigned();
          if (open === 0 || (note !== null && !waitForAll)) resolve(note);
        });
      }
    });
  }

  /** Requests under way are given up. */
  stop(): void {
    this.stopping.abort();
  }

  private noteWith({ note }: Head, lines: ReadonlyMap<VerifierKey, string>): string {
    return note + this.clients.map(({ witness }) => lines.get(witness.key) ?? '').join('');
  }
}
