/**
 * What the entries of a log say of consents: by tag (one resident, one recipient, one month) and program; at most one is in force for these.
 * Every provision asks, and a log has as many tags as it has residents and months. So it is a table of our own: a record has 64 bytes, which are
 * one look into memory, where a map of texts takes four (docs/performance.md).
 */
import { randomBytes } from 'node:crypto';
import { consentStates } from './entry-catalogue.js';
import { copyOf, type EntryOf } from './entry.js';
import type { TagBytes } from './tag.js';

export interface ConsentStanding {
  /** Lost: given in entries that a restored database knows only from the log. */
  readonly state: EntryOf<'consent'>['state'] | 'lost';
  readonly version: number;
  /** Of the entry that says so. */
  readonly index: number;
  /** `YYYY-MM` */
  readonly month: string;
}

const states = [...consentStates, 'lost'] as const;
const [active, lost] = [states.indexOf('active'), states.indexOf('lost')];

/** A record: the tag in 8 words of 32 bits, then these words; and as numbers of 64 bits the last two. */
const recordWords = 16;
const wordOf = { program: 8, state: 9, month: 10 } as const;
/** What a consent is found by: tag and program. */
const keyWords = 9;
const recordNumbers = recordWords / 2;
const numberOf = { version: 6, index: 7 } as const;
const firstCapacity = 1024;

/**
 * Whoever writes a log chooses its tags; they must not be able to choose such as all lie in one place. So the hash is drawn at each start: for each byte of a
 * key and each of its values a random number, all of which are added without carry (tabulation hashing, Pătraşcu and Thorup 2012, with which open addressing
 * takes constant time whatever the keys are).
 */
const draws = new Int32Array(Uint8Array.from(randomBytes(4 * 256 * 4 * keyWords)).buffer);

export class ConsentLedger {
  private words = new Int32Array(recordWords * firstCapacity);
  private numbers = new Float64Array(this.words.buffer);
  private count = 0;
  /** Open addressing: the number of a record, counted from 1; 0 where there is none. At least twice as many as there are records. */
  private slots = new Int32Array(2 * firstCapacity);
  private readonly programs = new Map<string, number>();
  private readonly key = new Int32Array(keyWords);

  /** Undefined where nothing was said: a consent of an earlier month stands under another tag. */
  find(tag: TagBytes, program: string): Pick<ConsentStanding, 'state' | 'version'> | undefined {
    const programNumber = this.programs.get(program);
    if (programNumber === undefined) return undefined;
    this.setKey(tag, programNumber);
    const record = this.slots[this.slotOf(this.key)]! - 1;
    return record < 0 ? undefined : { state: this.stateOf(record), version: this.versionOf(record) };
  }

  note(tag: TagBytes, program: string, standing: ConsentStanding): void {
    this.setKey(tag, this.programNumber(program));
    this.put(standing);
  }

  /** Consents given in the entries from `from` up to `to`, exclusive, count no more. */
  lose(from: number, to: number): void {
    for (let record = 0; record < this.count; record += 1) {
      const index = this.numbers[record * recordNumbers + numberOf.index]!;
      const state = record * recordWords + wordOf.state;
      if (this.words[state] === active && index >= from && index < to) this.words[state] = lost;
    }
  }

  /** Those of which something was said in this month. */
  ofMonth(month: string): ConsentLedger {
    const ledger = new ConsentLedger();
    for (const [program, programNumber] of this.programs) ledger.programs.set(program, programNumber);
    for (let record = 0; record < this.count; record += 1) {
      const standing = this.standingAt(record);
      if (standing.month !== month) continue;
      ledger.key.set(this.words.subarray(record * recordWords, record * recordWords + keyWords));
      ledger.put(standing);
    }
    return ledger;
  }

  /** Of all records, how many are looked at at most to find one: a measure of how well they are spread. */
  longestSearch(): number {
    const mask = this.slots.length - 1;
    let longest = 0;
    for (let slot = 0; slot < this.slots.length; slot += 1) {
      let end = slot;
      while (this.slots[end & mask] !== 0 && end - slot < this.slots.length) end += 1;
      longest = Math.max(longest, end - slot);
    }
    return longest;
  }

  private put({ state, version, index, month }: ConsentStanding): void {
    let slot = this.slotOf(this.key);
    if (this.slots[slot] === 0) {
      if ((this.count + 1) * recordWords > this.words.length) {
        this.grow();
        slot = this.slotOf(this.key);
      }
      this.words.set(this.key, this.count * recordWords);
      this.count += 1;
      this.slots[slot] = this.count;
    }
    const record = this.slots[slot]! - 1;
    this.words[record * recordWords + wordOf.state] = states.indexOf(state);
    this.words[record * recordWords + wordOf.month] = Number(month.replace('-', ''));
    this.numbers[record * recordNumbers + numberOf.version] = version;
    this.numbers[record * recordNumbers + numberOf.index] = index;
  }

  private standingAt(record: number): ConsentStanding {
    const month = String(this.words[record * recordWords + wordOf.month]).padStart('YYYYMM'.length, '0');
    return {
      state: this.stateOf(record),
      version: this.versionOf(record),
      index: this.numbers[record * recordNumbers + numberOf.index]!,
      month: `${month.slice(0, 4)}-${month.slice(4)}`,
    };
  }

  private stateOf(record: number): ConsentStanding['state'] {
    return states[this.words[record * recordWords + wordOf.state]!]!;
  }

  private versionOf(record: number): number {
    return this.numbers[record * recordNumbers + numberOf.version]!;
  }

  private setKey({ words }: TagBytes, programNumber: number): void {
    this.key.set(words);
    this.key[wordOf.program] = programNumber;
  }

  /** Where the record of a key is, or would be. */
  private slotOf(key: Int32Array): number {
    let hash = 0;
    for (let word = 0; word < keyWords; word += 1) {
      const [value, first] = [key[word]!, word * 4 * 256];
      hash ^= draws[first + (value & 0xff)]! ^ draws[first + 256 + ((value >>> 8) & 0xff)]!;
      hash ^= draws[first + 512 + ((value >>> 16) & 0xff)]! ^ draws[first + 768 + (value >>> 24)]!;
    }
    const mask = this.slots.length - 1;
    let slot = hash & mask;
    while (this.slots[slot] !== 0 && !this.isAt(this.slots[slot]! - 1, key)) slot = (slot + 1) & mask;
    return slot;
  }

  private isAt(record: number, key: Int32Array): boolean {
    const start = record * recordWords;
    for (let word = 0; word < keyWords; word += 1) if (this.words[start + word] !== key[word]) return false;
    return true;
  }

  private grow(): void {
    const words = new Int32Array(this.words.length * 2);
    words.set(this.words);
    this.words = words;
    this.numbers = new Float64Array(words.buffer);
    this.slots = new Int32Array(this.slots.length * 2);
    for (let record = 0; record < this.count; record += 1) {
      const key = words.subarray(record * recordWords, record * recordWords + keyWords);
      this.slots[this.slotOf(key)] = record + 1;
    }
  }

  private programNumber(program: string): number {
    const known = this.programs.get(program);
    if (known !== undefined) return known;
    this.programs.set(copyOf(program), this.programs.size);
    return this.programs.size - 1;
  }
}
