/** Names for codes: purposes, categories and fields from the policy's catalogue, organisations from the registers, programs from theirs. */
import { Inject, Injectable } from '@nestjs/common';
import { isUnit } from '../kernel/pairwise-id.js';
import type { PolicyBook } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import type { ProgramItem } from '../policy/program-terms.js';
import { ProgramsService } from '../programs/programs.service.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { SourcesService } from '../sources/sources.service.js';
import { StaffService } from '../staff/staff.service.js';
import { type Named, unnamed } from './language.js';
import type { Names } from './log-entry/sentence.js';
import type { Category, TermsItem } from './terms.js';

@Injectable()
export class NamesService {
  constructor(
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    private readonly recipients: RecipientsService,
    private readonly sources: SourcesService,
    private readonly programs: ProgramsService,
    private readonly staff: StaffService,
  ) {}

  /** A code that has left the catalogue names itself. */
  purpose(code: string): Named {
    return { code, name: this.book.purposes.get(code)?.name ?? { ja: code, en: code } };
  }

  category(code: string): Category {
    const category = this.book.categories.get(code);
    return {
      code,
      name: category?.name ?? { ja: code, en: code },
      isSensitive: (category?.specialCare ?? null) !== null,
    };
  }

  /** Items of a program's terms; a list of all fields is shortened to none, which reads "every field". */
  items(items: readonly ProgramItem[]): TermsItem[] {
    return items.map(({ purpose, category, fields }) => {
      const known = this.book.categories.get(category)?.fields ?? [];
      const named = fields.map((code) => ({
        code,
        name: known.find((field) => field.code === code)?.name ?? { ja: code, en: code },
      }));
      return {
        purpose: this.purpose(purpose),
        category: this.category(category),
        fields: known.length > 0 && fields.length === known.length ? [] : named,
      };
    });
  }

  /** Also a unit of the operator: under its code stands what its staff may have seen. */
  async recipient(code: string): Promise<Named> {
    if (isUnit(code)) return this.unit(code);
    const { nameJa: ja, nameEn: en } = await this.recipients.requireKnown(code);
    return { code, name: { ja, en } };
  }

  private async unit(code: string): Promise<Named> {
    const known = (await this.staff.units()).find(({ id }) => id === code);
    return known ? { code, name: { ja: known.nameJa, en: known.nameEn } } : unnamed(code);
  }

  /** Names sources by their codes, all looked up at once; one that is not registered any more names itself. */
  async sourceNames(): Promise<(code: string) => Named> {
    const sources = await this.sources.all();
    const names = new Map(sources.map(({ id, nameJa: ja, nameEn: en }) => [id, { ja, en }]));
    return (code) => ({ code, name: names.get(code) ?? { ja: code, en: code } });
  }

  /** Everything a log entry can name. */
  async everything(): Promise<Names> {
    const [recipients, sources, programs, units] = await Promise.all([
      this.recipients.all(),
      this.sources.all(),
      this.programs.register(),
      this.staff.units(),
    ]);
    return Object.fromEntries([
      ...[...this.book.purposes.values(), ...this.book.categories.values(), ...this.book.staffReasons.values()].map(
        ({ code, name }) => [code, name],
      ),
      ...[...recipients, ...sources, ...units].map(({ id, nameJa: ja, nameEn: en }) => [id, { ja, en }]),
      ...programs.map(({ id, application }) => [id, application.title]),
    ]) as Names;
  }
}
