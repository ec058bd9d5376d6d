/**
 * Unwrapped keys of residents in memory, bounded: the bytes, side by side. Key objects are made of them when they are asked for, which takes some
 * three microseconds; kept as objects, those of one resident would take 0.9 KB instead of 0.14.
 */
import type { KeyObject } from 'node:crypto';
import { secretKey } from '../kernel/bytes.js';
import type { Uuid } from '../kernel/ids.js';
import type { SealingKey } from '../kernel/sealed-box.js';

const keyBytes = 32;
/** Identifier key, data key, and the epoch of the latter as a big-endian uint32. */
const recordBytes = 2 * keyBytes + 4;
const firstRoom = 1024;

export interface ResidentKeys {
  /** K_id, of 32 bytes. */
  identifierKey: KeyObject;
  dataKey: SealingKey;
}

export interface KeyBytes {
  /** 32 bytes each. */
  readonly identifier: Uint8Array;
  readonly data: Uint8Array;
  readonly epoch: number;
}

export class KeyCache {
  private readonly places = new Map<Uuid, number>();
  /** Places whose residents were forgotten. */
  private readonly free: number[] = [];
  private records: Buffer;

  /** @param residentsMax beyond them, whoever has been here longest goes. */
  constructor(private readonly residentsMax: number) {
    this.records = Buffer.alloc(Math.min(firstRoom, residentsMax) * recordBytes);
  }

  get(residentId: Uuid): ResidentKeys | undefined {
    const place = this.places.get(residentId);
    if (place === undefined) return undefined;
    const record = this.records.subarray(place * recordBytes, (place + 1) * recordBytes);
    return keysOf({
      identifier: record.subarray(0, keyBytes),
      data: record.subarray(keyBytes, 2 * keyBytes),
      epoch: record.readUInt32BE(2 * keyBytes),
    });
  }

  set(residentId: Uuid, { identifier, data, epoch }: KeyBytes): void {
    const at = this.placeFor(residentId) * recordBytes;
    this.records.set(identifier, at);
    this.records.set(data, at + keyBytes);
    this.records.writeUInt32BE(epoch, at + 2 * keyBytes);
  }

  /** Nothing of these keys stays behind here. */
  forget(residentId: Uuid): void {
    const place = this.places.get(residentId);
    if (place === undefined) return;
    this.places.delete(residentId);
    this.records.fill(0, place * recordBytes, (place + 1) * recordBytes);
    this.free.push(place);
  }

  private placeFor(residentId: Uuid): number {
    const known = this.places.get(residentId);
    if (known !== undefined) return known;
    let place = this.free.pop() ?? this.places.size;
    if (place >= this.residentsMax) {
      const [oldest, freed] = this.places.entries().next().value!;
      this.places.delete(oldest);
      place = freed;
    } else if ((place + 1) * recordBytes > this.records.length) this.grow();
    this.places.set(residentId, place);
    return place;
  }

  private grow(): void {
    const larger = Buffer.alloc(Math.min(this.residentsMax * recordBytes, this.records.length * 2));
    this.records.copy(larger);
    // What was there must not stay behind in memory that nobody knows of.
    this.records.fill(0);
    this.records = larger;
  }
}

export function keysOf({ identifier, data, epoch }: KeyBytes): ResidentKeys {
  return { identifierKey: secretKey(identifier), dataKey: { secret: secretKey(data), epoch } };
}
