/** The two files a resident takes home: the key that finds their entries, and the proof that the list of them is complete. */
import { Injectable } from '@nestjs/common';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { logOf, nameOfLog } from '../transparency-log/city-logs.js';
import { peekCheckpoint } from '../transparency-log/checkpoint.js';
import type { CompletenessFile, IndexPart } from '../transparency-log/completeness/completeness-file.js';
import { type Dated, monthsOf, ResidentTags, stillNeeded } from '../transparency-log/completeness/expected-tags.js';
import { type CoveredLog, IndexPartsService } from '../transparency-log/completeness/index-parts.service.js';
import { type KeyFile, keyFileOf } from '../transparency-log/completeness/key-file.js';
import { type EntryOf, parseEntry } from '../transparency-log/entry.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { utf8 } from '../kernel/bytes.js';
import { ResidentKeysService } from './resident-keys.service.js';

@Injectable()
export class CompletenessFilesService {
  constructor(
    private readonly store: LogStoreService,
    private readonly parts: IndexPartsService,
    private readonly keys: ResidentKeysService,
  ) {}

  async keyFile(residentId: Uuid): Promise<KeyFile> {
    const { identifierKey } = await this.keys.require(residentId);
    return keyFileOf(identifierKey, (await this.store.logs()).at(-1)!.origin);
  }

  /**
   * Of the log of this name, or of the newest that is indexed; under the checkpoint that the world is shown, so that whoever pins a witness policy can verify
   * it. Throws `log-unavailable` while nothing of it has been signed or indexed yet, `not-found` where there is no such log.
   */
  async completenessFile(residentId: Uuid, name: string | null = null): Promise<CompletenessFile> {
    let signed = await this.signed(name);
    let ranges = signed ? await this.parts.ranges(signed) : [];
    // A log that has just begun has no index; until it has, the newest file is that of the log before.
    const before = ranges.length === 0 && name === null ? (await this.store.logs()).at(-2) : undefined;
    if (before) {
      signed = await this.signed(nameOfLog(before.origin));
      ranges = signed ? await this.parts.ranges(signed) : [];
    }
    if (signed === null || ranges.length === 0)
      throw new Mistake('log-unavailable', 'the log has no index yet; try again tomorrow');
    const { identifierKey } = await this.keys.require(residentId);
    const tags = new ResidentTags(identifierKey);
    const [start] = await this.parts.proved([0], signed);
    const organisations = await this.parts.proved(await this.parts.organisations(signed), signed);
    const codes = [...new Set(organisations.map(({ entry }) => (parseEntry(utf8(entry)) as EntryOf<'org'>).org))];
    const indexes: IndexPart[] = [];
    let dated: Dated[] = [{ index: 0, at: parseEntry(utf8(start!.entry)).at }];
    const entries = await this.parts.proved(
      ranges.map(({ entry }) => entry),
      signed,
    );
    for (const [position, range] of ranges.entries()) {
      const index = entries[position]!;
      const written = { index: index.index, at: parseEntry(utf8(index.entry)).at };
      const expected = tags.all(codes, monthsOf(range.from, written, dated));
      indexes.push(
        await this.parts.part(
          range,
          index,
          expected.map(({ tag }) => tag),
        ),
      );
      dated = stillNeeded(range.to, [...dated, written]);
    }
    const named = indexes.flatMap(({ leaves }) => leaves.flatMap(({ indices }) => indices ?? []));
    return {
      ...{ type: 'azukari-completeness', version: 1, origin: signed.origin, checkpoint: signed.note },
      ...{ start: start!, organisations, indexes },
      ...(await this.ending(signed)),
      entries: await this.parts.proved(named, signed),
    };
  }

  private async signed(name: string | null): Promise<CoveredLog | null> {
    const logs = await this.store.logs();
    const served = await this.store.served();
    const log =
      name === null ? served && logOf(logs, served.base) : logs.find(({ origin }) => nameOfLog(origin) === name);
    if (log === undefined) throw new Mistake('not-found', 'there is no such log');
    const note = log === null ? null : (log.finalNote ?? (served?.base === log.base ? served.note : null));
    if (log === null || note === null) return null;
    return { origin: log.origin, base: log.base, size: peekCheckpoint(note).size, note };
  }

  /** Of a log that is closed: its last entry, which says so. */
  private async ending(signed: CoveredLog): Promise<Pick<CompletenessFile, 'end'>> {
    const log = logOf(await this.store.logs(), signed.base);
    if (log.size !== signed.size) return {};
    const [end] = await this.parts.proved([signed.size - 1], signed);
    return { end: end! };
  }
}
