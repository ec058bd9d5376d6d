/** Draws a program's terms. It is part of what a resident is shown before consenting, so it depends on its props alone: no clock, no session. */
import type { ComponentChildren } from 'preact';
import { startOfDayInJapan } from '../kernel/clock.js';
import type { ProgramTerms } from '../policy/program-terms.js';
import { Day, lastDay } from './dates.js';
import type { Language, Named } from './language.js';
import { listNames } from './language.js';
import { Cell, Row, Table } from './tables.js';
import { termsText } from './terms-text.js';

export interface Category extends Named {
  /** 要配慮個人情報 (Act on the Protection of Personal Information, article 2(3)). */
  readonly isSensitive: boolean;
}

export interface TermsItem {
  readonly purpose: Named;
  readonly category: Category;
  /** Empty: every field of the category. */
  readonly fields: readonly Named[];
}

/** The terms as the program has them, with names beside the codes of the items. */
export type Terms = Omit<ProgramTerms, 'items'> & { readonly items: readonly TermsItem[] };

interface TermsProps {
  readonly terms: Terms;
  readonly language: Language;
}

export function CategoryChip({ category, language }: { readonly category: Category; readonly language: Language }) {
  if (!category.isSensitive) return <span class="chip">{category.name[language]}</span>;
  return (
    <span class="chip chip-sensitive">
      {category.name[language]}
      {language === 'ja' ? '（' : ' ('}
      {termsText[language].sensitive}
      {language === 'ja' ? '）' : ')'}
    </span>
  );
}

export function CategoryChips({
  categories,
  language,
}: {
  readonly categories: readonly Category[];
  readonly language: Language;
}) {
  return (
    <ul class="chips">
      {categories.map((category) => (
        <li key={category.code}>
          <CategoryChip category={category} language={language} />
        </li>
      ))}
    </ul>
  );
}

/** A purpose, category and field list per row; `labelledBy` is the id of the heading above. */
export function TermsItems({ terms, language, labelledBy }: TermsProps & { readonly labelledBy: string }) {
  const text = termsText[language];
  return (
    <Table columns={[text.purpose, text.category, text.fields]} labelledBy={labelledBy}>
      {terms.items.map(({ purpose, category, fields }) => (
        <Row key={`${purpose.code} ${category.code}`}>
          <Cell label={text.purpose}>{purpose.name[language]}</Cell>
          <Cell label={text.category}>
            <CategoryChip category={category} language={language} />
          </Cell>
          <Cell label={text.fields}>{fields.length === 0 ? text.allFields : listNames(fields, language)}</Cell>
        </Row>
      ))}
    </Table>
  );
}

/** Everything else the terms say, one fact a line. */
export function TermsFacts({ terms, language }: TermsProps) {
  const text = termsText[language];
  return (
    <dl class="facts">
      <Fact label={text.mode}>{text.modes[terms.mode]}</Fact>
      <Fact label={text.frequency}>
        {terms.frequency === null ? text.asNeeded : text.frequencies[terms.frequency.per](terms.frequency.count)}
      </Fact>
      <Fact label={text.period}>{text.periodDays(terms.periodDays)}</Fact>
      <Fact label={text.retention}>
        {terms.retentionDays === 0 ? text.retentionNone : text.retentionDays(terms.retentionDays)}
      </Fact>
      <Fact label={text.onward}>{terms.onwardSharing ? text.onwardYes : text.onwardNo}</Fact>
      <Fact label={text.region}>{regionName(terms.region, language)}</Fact>
      <Fact label={text.processors}>
        {terms.processors.length === 0 ? text.noProcessors : terms.processors.join(language === 'ja' ? '、' : ', ')}
      </Fact>
      <Fact label={text.age}>{terms.minimumAge > 0 ? text.minimumAge(terms.minimumAge) : text.anyAge}</Fact>
      <Fact label={text.duration}>
        <DayRow label={text.startsOn} at={startOfDayInJapan(terms.startsOn)} language={language} />
        <DayRow label={text.endsOn} at={lastDay(startOfDayInJapan(terms.endsOn))} language={language} />
        <DayRow label={text.reviewOn} at={startOfDayInJapan(terms.reviewOn)} language={language} />
      </Fact>
      <Fact label={text.legalBasis}>{text.legalBases[terms.legalBasis]}</Fact>
      <Fact label={text.relation}>{text.relations[terms.relation]}</Fact>
      <Fact label={text.benefitToResident}>{terms.benefitToResident[language]}</Fact>
      <Fact label={text.benefitToTown}>{terms.benefitToTown[language]}</Fact>
      {terms.publicInterest && <Fact label={text.publicInterest}>{terms.publicInterest[language]}</Fact>}
      <Fact label={text.safetyMeasures}>{terms.safetyMeasures[language]}</Fact>
      <Fact label={text.impactAssessment}>{terms.impactAssessment[language]}</Fact>
    </dl>
  );
}

export function Fact({ label, children }: { readonly label: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

interface DayRowProps {
  readonly label: string;
  readonly at: Date;
  readonly language: Language;
}

function DayRow({ label, at, language }: DayRowProps) {
  return (
    <span class="day-row">
      <span class="day-row-label">{label}</span> <Day at={at} language={language} />
    </span>
  );
}

/** The country's name as the language has it; the code itself when it names none. */
export function regionName(code: string, language: Language): string {
  return new Intl.DisplayNames([language], { type: 'region', fallback: 'code' }).of(code) ?? code;
}
