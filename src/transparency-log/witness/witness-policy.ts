/**
 * Witness policies (c2sp.org/tlog-policy): which logs and witnesses somebody knows, and which witnesses together are a quorum. The service
 * reads one at start, verifiers pin one. The file is read strictly: whoever misreads a trust policy trusts the wrong people.
 */
import { isUtf8 } from 'node:buffer';
import { sha256, toHex } from '../../kernel/bytes.js';
import { VerificationError } from '../finding.js';
import { parseVerifierKey, type VerifierKey } from '../note-key.js';

export interface PolicyWitness {
  /** Its name within the policy; means nothing outside. */
  readonly name: string;
  /** Of type `cosignature`. */
  readonly key: VerifierKey;
  /** Submission prefix (c2sp.org/tlog-witness), or null where only verifiers use the policy. */
  readonly url: string | null;
}

export interface WitnessPolicy {
  /** Hex SHA-256 of the file. */
  readonly digest: string;
  /** Of type `ed25519`; may be empty. */
  readonly logs: readonly VerifierKey[];
  readonly witnesses: readonly PolicyWitness[];
  /** The least number of witnesses that are a quorum; 0 for `quorum none`. */
  readonly threshold: number;
  /** Whether these witnesses, by their keys, are a quorum. */
  isQuorum(cosigners: ReadonlySet<VerifierKey>): boolean;
}

/** A witness or a group, as the quorum sees it. */
interface Member {
  readonly threshold: number;
  witnessed(cosigners: ReadonlySet<VerifierKey>): boolean;
}

/** The text asks for at least 32 of each; nobody needs as many as this. */
const linesMax = 10_000;

/** Reads a policy file. Throws `VerificationError` `malformed-policy`, `malformed-key`. */
export function parseWitnessPolicy(file: Uint8Array): WitnessPolicy {
  const reading = new PolicyReading();
  linesOf(file).forEach((line, number) => {
    const items = line.split(/[ \t]+/).filter((item) => item !== '');
    if (items.length > 0 && !items[0]!.startsWith('#')) reading.take(items, number + 1);
  });
  return reading.conclude(toHex(sha256(file)));
}

function linesOf(file: Uint8Array): string[] {
  // Octets of the text: tab, newline, 0x20 to 0x7e, and above 0x7f. We read the latter as UTF-8, which it recommends.
  if (file.some((octet) => (octet < 0x20 && octet !== 0x09 && octet !== 0x0a) || octet === 0x7f)) {
    throw malformed('it contains control characters');
  }
  if (!isUtf8(file)) throw malformed('it is not UTF-8');
  const text = Buffer.from(file).toString('utf8');
  // A file that was cut short could name a smaller quorum than was meant.
  if (!text.endsWith('\n')) throw malformed('its last line does not end');
  const lines = text.slice(0, -1).split('\n');
  if (lines.length > linesMax) throw malformed(`it has more than ${linesMax} lines`);
  return lines;
}

class PolicyReading {
  private readonly logs: VerifierKey[] = [];
  private readonly witnesses: PolicyWitness[] = [];
  private readonly defined = new Map<string, Member>();
  private readonly inGroup = new Set<string>();
  private readonly publicKeys = new Set<string>();
  private quorum: Member | null = null;

  take([keyword, ...items]: string[], line: number): void {
    const refuse = (detail: string) => malformed(`line ${line}: ${detail}`);
    if (keyword === 'log' && items.length >= 1 && items.length <= 2) {
      this.logs.push(this.newKey(items[0]!, 'ed25519', refuse));
    } else if (keyword === 'witness' && items.length >= 2 && items.length <= 3) {
      const [name, vkey, url = null] = items as [string, string, string?];
      const key = this.newKey(vkey, 'cosignature', refuse);
      this.define(name, { threshold: 1, witnessed: (cosigners) => cosigners.has(key) }, refuse);
      this.witnesses.push({ name, key, url });
    } else if (keyword === 'group' && items.length >= 3) {
      const [name, rule, ...members] = items as [string, string, ...string[]];
      this.define(name, this.group(rule, members, refuse), refuse);
    } else if (keyword === 'quorum' && items.length === 1) {
      if (this.quorum) throw refuse('there is one quorum line');
      const none: Member = { threshold: 0, witnessed: () => true };
      this.quorum = items[0] === 'none' ? none : (this.defined.get(items[0]!) ?? null);
      if (!this.quorum) throw refuse(`${items[0]} is not defined above`);
    } else throw refuse('it is no log, witness, group or quorum line');
  }

  conclude(digest: string): WitnessPolicy {
    const { logs, witnesses, quorum } = this;
    if (!quorum) throw malformed('there is no quorum line');
    const { threshold, witnessed } = quorum;
    return { digest, logs, witnesses, threshold, isQuorum: (cosigners) => witnessed(cosigners) };
  }

  /** Keys are duplicates when the public key is one, whatever their names: one witness would count as two. */
  private newKey(vkey: string, type: VerifierKey['type'], refuse: Refuse): VerifierKey {
    const key = parseVerifierKey(vkey);
    if (key.type !== type) throw refuse(`the key is not of the type for a ${type === 'ed25519' ? 'log' : 'witness'}`);
    const publicKey = key.publicKey.export({ format: 'jwk' }).x!;
    if (this.publicKeys.has(publicKey)) throw refuse('this public key was named before');
    this.publicKeys.add(publicKey);
    return key;
  }

  private define(name: string, member: Member, refuse: Refuse): void {
    if (name === 'none' || this.defined.has(name)) throw refuse(`${name} is defined already`);
    this.defined.set(name, member);
  }

  private group(rule: string, names: readonly string[], refuse: Refuse): Member {
    const members = names.map((name) => {
      const member = this.defined.get(name);
      if (!member) throw refuse(`${name} is not defined above`);
      // So each witness contributes in one way only, and the thresholds below are exact.
      if (this.inGroup.has(name)) throw refuse(`${name} is a member already`);
      this.inGroup.add(name);
      return member;
    });
    const needed = rule === 'all' ? members.length : rule === 'any' ? 1 : /^[1-9]\d*$/.test(rule) ? Number(rule) : NaN;
    if (!(needed >= 1 && needed <= members.length)) throw refuse(`${rule} is not all, any, or 1 to ${members.length}`);
    const thresholds = members.map(({ threshold }) => threshold).sort((a, b) => a - b);
    return {
      threshold: thresholds.slice(0, needed).reduce((sum, threshold) => sum + threshold, 0),
      witnessed: (cosigners) => members.filter((member) => member.witnessed(cosigners)).length >= needed,
    };
  }
}

type Refuse = (detail: string) => VerificationError;

function malformed(detail: string): VerificationError {
  return new VerificationError('malformed-policy', detail);
}
