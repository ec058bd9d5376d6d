/** A resident's own records as a page shows them: with names, and field by field. */
import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '../../http/session.js';
import { startOfDayInJapan } from '../../kernel/clock.js';
import { fieldValuesOf } from '../../policy/field-values.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import { type OwnAccess, OwnAccessService, type OwnRecord } from '../../vault/own-access.service.js';
import type { Named } from '../language.js';
import { NamesService } from '../names.service.js';
import type { ShownData, ShownRecord } from './data-view.js';

@Injectable()
export class OwnDataService {
  constructor(
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly own: OwnAccessService,
    private readonly names: NamesService,
  ) {}

  async look(session: Session, category: string): Promise<ShownData> {
    return this.shown(await this.own.look(session, category, new Date()));
  }

  async takeOut(session: Session): Promise<{ access: OwnAccess; shown: ShownData }> {
    const access = await this.own.takeOut(session, new Date());
    return { access, shown: await this.shown(access) };
  }

  private async shown({ at, place, records, receipt }: OwnAccess): Promise<ShownData> {
    const sources = await this.names.everySource();
    return {
      ...{ at, place, receipt: JSON.stringify(receipt, null, 2) },
      records: records.map((record) => this.shownRecord(record, sources)),
    };
  }

  private shownRecord(record: OwnRecord, sources: ReadonlyMap<string, Named>): ShownRecord {
    const { category: code, sourceId, date, data } = record;
    const category = this.book.categories.get(code);
    const isReadable = data !== undefined;
    return {
      category: this.names.category(code),
      source: sources.get(sourceId) ?? { code: sourceId, name: { ja: sourceId, en: sourceId } },
      day: startOfDayInJapan(date),
      isReplaced: record.supersededBy !== null,
      fields:
        isReadable && category
          ? fieldValuesOf(data, category).map(({ field, values }) => ({ name: field.name, values }))
          : [],
      json: isReadable ? JSON.stringify(data, null, 2) : null,
    };
  }
}
