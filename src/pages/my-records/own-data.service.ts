/** A resident's own records as people read them: with names, and field by field. */
import { Inject, Injectable } from '@nestjs/common';
import type { Session } from '../../http/session.js';
import { startOfDayInJapan } from '../../kernel/clock.js';
import { fieldValuesOf } from '../../policy/field-values.js';
import type { PolicyBook } from '../../policy/policy-book.js';
import { POLICY_BOOK } from '../../policy/policy.module.js';
import type { OpenedRecord } from '../../vault/opened-records.js';
import { OwnAccessService } from '../../vault/own-access.service.js';
import type { Bilingual, Named } from '../language.js';
import { NamesService } from '../names.service.js';
import type { ShownData, ShownRecord } from './data-view.js';

/** More than anybody reads on one page; all of them are in an export. */
const shownMax = 200;

/** Longer ones are shown as they are: indenting what is nested deeply makes it a hundred times as long. */
const indentedMax = 20_000;

@Injectable()
export class OwnDataService {
  constructor(
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly own: OwnAccessService,
    private readonly names: NamesService,
  ) {}

  async look(session: Session, category: string): Promise<ShownData> {
    const { at, place, records } = await this.own.look(session, category, new Date());
    const show = await this.showing();
    return { at, place, count: records.length, records: records.slice(0, shownMax).map(show) };
  }

  /** Shows records, however many: names are looked up once. */
  async showing(): Promise<(record: OpenedRecord) => ShownRecord> {
    const sourceOf = await this.names.sourceNames();
    return (record) => this.shown(record, sourceOf(record.sourceId));
  }

  nameOf(category: string): Bilingual {
    return this.names.category(category).name;
  }

  /** In the Data Privacy Vocabulary, where the catalogue knows the category. */
  iriOf(category: string): string | undefined {
    return this.book.categories.get(category)?.dpv;
  }

  private shown(record: OpenedRecord, source: Named): ShownRecord {
    const { category: code, date, data } = record;
    const category = this.book.categories.get(code);
    const isReadable = data !== undefined;
    return {
      category: this.names.category(code),
      source,
      day: startOfDayInJapan(date),
      isReplaced: record.supersededBy !== null,
      fields:
        isReadable && category
          ? fieldValuesOf(data, category).map(({ field, values }) => ({ name: field.name, values }))
          : [],
      json: isReadable ? readableJson(data) : null,
    };
  }
}

function readableJson(data: unknown): string {
  const short = JSON.stringify(data);
  return short.length > indentedMax ? short : JSON.stringify(data, null, 2);
}
