/** The two files a resident takes home: the key that finds their entries, and the proof that the list of them is complete. */
import { Inject, Injectable } from '@nestjs/common';
import { Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { peekCheckpoint } from '../transparency-log/checkpoint.js';
import type { CompletenessFile, IndexPart } from '../transparency-log/completeness/completeness-file.js';
import { type Dated, monthsOf, ResidentTags, stillNeeded } from '../transparency-log/completeness/expected-tags.js';
import { IndexPartsService } from '../transparency-log/completeness/index-parts.service.js';
import { type KeyFile, keyFileOf } from '../transparency-log/completeness/key-file.js';
import { type EntryOf, parseEntry } from '../transparency-log/entry.js';
import { LOG_OPTIONS, type LogOptions } from '../transparency-log/log-options.js';
import { LogStoreService } from '../transparency-log/log-store.service.js';
import { utf8 } from '../kernel/bytes.js';
import { ResidentKeysService } from './resident-keys.service.js';

@Injectable()
export class CompletenessFilesService {
  constructor(
    @Inject(LOG_OPTIONS) private readonly options: LogOptions,
    private readonly store: LogStoreService,
    private readonly parts: IndexPartsService,
    private readonly keys: ResidentKeysService,
  ) {}

  async keyFile(residentId: Uuid): Promise<KeyFile> {
    const { identifierKey } = await this.keys.require(residentId);
    return keyFileOf(identifierKey, this.options.origin);
  }

  /**
   * Under the checkpoint that the world is shown, so that whoever pins a witness policy can verify it. Throws `log-unavailable` while nothing has
   * been signed or indexed yet.
   */
  async completenessFile(residentId: Uuid): Promise<CompletenessFile> {
    const note = await this.store.servedNote();
    const checkpoint = note === null ? null : peekCheckpoint(note);
    const ranges = checkpoint ? await this.parts.ranges(checkpoint) : [];
    if (note === null || checkpoint === null || ranges.length === 0)
      throw new Mistake('log-unavailable', 'the log has no index yet; try again tomorrow');
    const { identifierKey } = await this.keys.require(residentId);
    const tags = new ResidentTags(identifierKey);
    const [start] = await this.parts.proved([0], checkpoint);
    const organisations = await this.parts.proved(await this.parts.organisations(checkpoint), checkpoint);
    const codes = [...new Set(organisations.map(({ entry }) => (parseEntry(utf8(entry)) as EntryOf<'org'>).org))];
    const indexes: IndexPart[] = [];
    let dated: Dated[] = [{ index: 0, at: parseEntry(utf8(start!.entry)).at }];
    const entries = await this.parts.proved(
      ranges.map(({ entry }) => entry),
      checkpoint,
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
      ...{ type: 'azukari-completeness', version: 1, origin: this.options.origin, checkpoint: note },
      ...{ start: start!, organisations, indexes },
      entries: await this.parts.proved(named, checkpoint),
    };
  }
}
