/**
 * What the entries of an honest log say to one another, checked in one pass: nothing is used before it was introduced, nothing is
 * provided after its ground has fallen away, time does not run backwards. Design section 5 (V4) and section 6.
 */
import { ConsentLedger } from './consent-ledger.js';
import { copyOf, type Entry, type EntryOf, minuteOf } from './entry.js';
import { IndexRules } from './completeness/index-rules.js';
import type { Finding, FindingCode } from './finding.js';
import { KeyRules } from './keys/key-rules.js';
import { ProvisionLedger } from './provision-ledger.js';
import type { TagBytes } from './tag.js';
import type { Standing } from './turn/standing.js';

export interface RuleOptions {
  readonly origin: string;
  /** How far an entry's time may lie before that of an earlier entry, or after `now`. */
  readonly toleranceMinutes: number;
  /** Without it, entries dated in the future go unnoticed. */
  readonly now?: Date;
  /** Consents as the log before left them: a tag of one month may stand in both. */
  readonly consentsBefore?: ConsentLedger;
}

interface OrganisationStanding {
  readonly kind: EntryOf<'org'>['kind'];
  readonly status: EntryOf<'org'>['status'];
  readonly registeredAt: number;
}

interface ProgramStanding {
  readonly recipient: string;
  readonly status: EntryOf<'program'>['status'];
  readonly terms: string;
  /** The entry by which the board first approved it; null while it has not. */
  readonly approvedAt: number | null;
}

export class LogRules {
  /** The log's own keys, as its entries tell. */
  readonly keys: KeyRules;
  private readonly organisations = new Map<string, OrganisationStanding>();
  private readonly policies = new Set<string>();
  private latestPolicy = '';
  private announcedPolicy = '';
  private witnesses: EntryOf<'witnesses'> | null = null;
  private readonly programs = new Map<string, Map<number, ProgramStanding>>();
  private readonly consents = new ConsentLedger();
  private readonly provisions = new ProvisionLedger();
  private readonly indexes = new IndexRules();
  private latest = { at: '', milliseconds: -Infinity, index: -1 };
  private closedBy: number | null = null;
  /** Of the entry that is looked at. */
  private place: { index: number; kind: Entry['t'] } = { index: 0, kind: 'start' };
  /** One for all entries: a log has millions, and hardly any gives cause to report. */
  private readonly found: Found = (code, message) => {
    const { index, kind } = this.place;
    this.report({ code, place: `entry ${index}`, index, message: `entry ${index} (${kind}): ${message}` });
  };

  constructor(
    private readonly options: RuleOptions,
    private readonly report: (finding: Finding) => void,
  ) {
    this.keys = new KeyRules(options.origin);
  }

  /** What stands after the entries so far, and is to be stated again in a log that follows. */
  get standing(): Standing {
    const programs = [...this.programs].flatMap(([id, versions]) =>
      [...versions].flatMap(([version, { approvedAt, ...standing }]) =>
        approvedAt === null ? [] : [[`${id} ${version}`, standing] as const],
      ),
    );
    const { organisations, witnesses, announcedPolicy: policy } = this;
    return { organisations, programs: new Map(programs), witnesses, policy };
  }

  /** The consents under the tags of the last month. */
  get consentsOfLastMonth(): ConsentLedger {
    return this.consents.ofMonth(this.latest.at.slice(0, 'YYYY-MM'.length));
  }

  /** Takes the entry at `index`; entries come in the order of the log, each once. @param tag the entry's, where it has one. */
  next(index: number, entry: Entry, tag: TagBytes): void {
    this.place = { index, kind: entry.t };
    const { found } = this;
    this.checkTime(index, entry.at, found);
    if (this.closedBy !== null) found('entry-after-close', `entry ${this.closedBy} had closed the log`);
    if ((entry.t === 'start') !== (index === 0)) found('start-misplaced', 'the start entry is entry 0 and no other');
    this.checkPolicy(entry, found);
    this.checkOrganisation(index, entry, found);
    this.indexes.next(index, entry, tag, found);
    switch (entry.t) {
      case 'start':
        if (entry.origin !== this.options.origin) found('start-misplaced', `the log says it is ${entry.origin}`);
        if (entry.previous === entry.origin) found('previous-differs', 'it names itself as the log before it');
        break;
      case 'close':
        this.closedBy = index;
        this.checkClose(entry, found);
        break;
      case 'key':
        this.keys.next(index, entry, found);
        break;
      case 'program':
        this.noteProgram(index, entry);
        break;
      case 'consent':
        this.noteConsent(index, entry, tag, found);
        break;
      case 'provision':
        this.checkProvision(entry, tag, found);
        this.provisions.add(index, entry, tag);
        break;
      case 'list':
        this.checkProgramActive(entry, found);
        break;
      case 'void':
        this.checkVoid(entry, tag, found);
        break;
      case 'restore':
        this.noteRestore(index, entry, found);
        break;
      case 'witnesses':
        this.witnesses = entry;
        break;
      case 'org':
      case 'policy':
      case 'refusal':
      case 'deposit':
      case 'access':
      case 'export':
      case 'erasure':
      case 'staff':
      case 'index':
      case 'rollup':
        break;
    }
  }

  private checkClose({ next, key }: EntryOf<'close'>, found: Found): void {
    if (next === this.options.origin) found('previous-differs', 'it names itself as the log after it');
    if (key.split('+')[0] !== next)
      found('key-misplaced', `the key of the next log is not named after it, but ${key.split('+')[0]}`);
  }

  private checkTime(index: number, at: string, found: Found): void {
    // Entries come in batches: most have the minute of the one before.
    if (at === this.latest.at) return;
    const milliseconds = minuteOf(at);
    const tolerance = this.options.toleranceMinutes * 60_000;
    if (this.options.now && milliseconds > this.options.now.getTime() + tolerance) {
      found('time-in-future', `it is dated ${at}`);
    } else if (milliseconds < this.latest.milliseconds - tolerance) {
      found('time-goes-back', `it is dated ${at}, but entry ${this.latest.index} before it ${this.latest.at}`);
    } else if (milliseconds > this.latest.milliseconds) this.latest = { at, milliseconds, index };
  }

  private checkPolicy(entry: Entry, found: Found): void {
    if (!('policy' in entry)) return;
    // Nearly every entry is under the policy of the one before.
    if (entry.policy === this.latestPolicy) return;
    if (entry.t === 'start' || entry.t === 'policy') {
      this.announcedPolicy = entry.policy;
      this.policies.add(entry.policy);
    } else if (!this.policies.has(entry.policy)) found('unknown-policy', 'its policy digest was not announced before');
    if (this.policies.has(entry.policy)) this.latestPolicy = copyOf(entry.policy);
  }

  private checkOrganisation(index: number, entry: Entry, found: Found): void {
    if (entry.t === 'org') {
      const before = this.organisations.get(entry.org);
      const isKnown = before !== undefined && before.status !== 'removed';
      if (isKnown === (entry.status === 'registered')) {
        found(
          'unknown-organisation',
          `${entry.org} is ${isKnown ? 'registered twice' : `${entry.status} before it was registered`}`,
        );
      }
      this.organisations.set(entry.org, {
        kind: entry.kind,
        status: entry.status,
        registeredAt: entry.status === 'registered' ? index : (before?.registeredAt ?? index),
      });
      return;
    }
    const organisation = 'recipient' in entry ? entry.recipient : 'source' in entry ? entry.source : null;
    if (organisation === null) return;
    const status = this.organisations.get(organisation)?.status;
    if (status === undefined) found('unknown-organisation', `${organisation} has no org entry before`);
    if (entry.t === 'staff' && status !== undefined && this.organisations.get(organisation)?.kind !== 'unit') {
      found('unknown-organisation', `${organisation} is no unit of the operator`);
    }
    const needsStanding = entry.t === 'provision' || entry.t === 'list' || entry.t === 'deposit' || entry.t === 'staff';
    if (needsStanding && (status === 'suspended' || status === 'removed')) {
      found('organisation-not-active', `${organisation} was ${status}`);
    }
  }

  private noteProgram(index: number, { recipient, program, version, status, terms }: EntryOf<'program'>): void {
    const versions = this.programs.get(program) ?? new Map<number, ProgramStanding>();
    const isApproval = status === 'approved' || status === 'active';
    const approvedAt = versions.get(version)?.approvedAt ?? (isApproval ? index : null);
    this.programs.set(program, versions.set(version, { recipient, status, terms, approvedAt }));
  }

  /** What was introduced in entries that the database has forgotten counts no more: it may be introduced again, and must be before it is used. */
  private noteRestore(index: number, { from, to }: EntryOf<'restore'>, found: Found): void {
    if (from >= to || to > index) found('restore-misplaced', `it speaks of entries ${from} to ${to - 1}`);
    for (const [code, { registeredAt }] of this.organisations) {
      if (registeredAt >= from && registeredAt < to) this.organisations.delete(code);
    }
    for (const versions of this.programs.values()) {
      for (const [version, standing] of versions) {
        const { approvedAt } = standing;
        if (approvedAt === null || approvedAt < from || approvedAt >= to) continue;
        versions.set(version, { ...standing, status: 'in_review', approvedAt: null });
      }
    }
    this.consents.lose(from, to);
  }

  /** Promise 4: no resident is asked before the board has approved. */
  private noteConsent(index: number, entry: EntryOf<'consent'>, tag: TagBytes, found: Found): void {
    const { recipient, program, version, state } = entry;
    const standing = this.programs.get(program)?.get(version);
    const isTheirs = recipient === 'self' || standing?.recipient === recipient;
    if (typeof standing?.approvedAt !== 'number' || !isTheirs) {
      found('program-not-approved', `program ${program} version ${version} was not approved before`);
    }
    const month = this.latest.at.slice(0, 'YYYY-MM'.length);
    this.consents.note(tag, program, { state, version, index, month });
  }

  /** V4: no provision under a consent after its end, as far as one month's tag shows it; and the same for the program. */
  private checkProvision(entry: EntryOf<'provision'>, tag: TagBytes, found: Found): void {
    this.checkProgramActive(entry, found);
    // A consent given in an earlier month stands under another tag: then nothing is known of it here.
    const consent = this.consents.find(tag, entry.program) ?? this.options.consentsBefore?.find(tag, entry.program);
    if (!consent) return;
    if (consent.state !== 'active') {
      found('provision-after-withdrawal', `the consent under this tag was ${consent.state} before`);
    } else if (consent.version !== entry.version) {
      found('provision-after-withdrawal', `the consent under this tag was to version ${consent.version}`);
    }
  }

  private checkProgramActive(entry: EntryOf<'provision'> | EntryOf<'list'>, found: Found): void {
    const standing = this.programs.get(entry.program)?.get(entry.version);
    if (standing?.status === 'active' && standing.recipient === entry.recipient) return;
    const status = standing?.recipient === entry.recipient ? standing.status : 'unknown';
    found('program-not-active', `program ${entry.program} version ${entry.version} was ${status}`);
  }

  private checkVoid(entry: EntryOf<'void'>, tag: TagBytes, found: Found): void {
    switch (this.provisions.void(entry, tag)) {
      case 'voided':
        break;
      case 'none':
        found('void-without-provision', `entry ${entry.of} is no earlier provision`);
        break;
      case 'twice':
        found('void-twice', `entry ${entry.of} was voided before`);
        break;
      case 'differs':
        found('void-differs', `entry ${entry.of} has another recipient or tag`);
        break;
    }
  }
}

type Found = (code: FindingCode, message: string) => void;
