/**
 * The machine checks at submission (design section 7): whether an application is complete, says what it means, and stays within the
 * catalogue's bounds and the rules. Pure; the board sees only what has passed.
 */
import type { Bilingual, Category } from './catalogue.js';
import { policyTermsOf } from './policy-terms.js';
import type { PolicyBook } from './policy-book.js';
import { finding, type Finding } from './program-findings.js';
import type { ProgramApplication, ProgramItem, ProgramTerms } from './program-terms.js';
import { findVagueWords } from './vague-words.js';

export type { Finding, FindingCode } from './program-findings.js';

const dayMs = 86_400_000;
const daysPer = { day: 1, week: 7, month: 28 } as const;

/** Every finding, in the order of the application; none means that it may go before the board. */
export function checkProgram(application: ProgramApplication, book: PolicyBook): Finding[] {
  const { terms } = application;
  return [
    ...checkTexts(application, book),
    ...checkItems(terms, book),
    ...checkBounds(terms, book),
    ...checkDates(application, book),
    ...checkRules(application, book),
    ...(terms.mode === 'answer_only' ? [finding('mode-not-offered', 'terms.mode')] : []),
  ];
}

function checkTexts(application: ProgramApplication, book: PolicyBook): Finding[] {
  const { terms } = application;
  const texts: [path: string, text: Bilingual | null, isRequired: boolean][] = [
    ['title', application.title, true],
    ['explanation', application.explanation, true],
    ['problem', application.problem, true],
    ['beneficiary', application.beneficiary, true],
    ['target', application.target, true],
    ['terms.publicInterest', terms.publicInterest, terms.publicInterest !== null],
    ['terms.benefitToResident', terms.benefitToResident, true],
    ['terms.benefitToTown', terms.benefitToTown, true],
    ['terms.safetyMeasures', terms.safetyMeasures, true],
    ['terms.impactAssessment', terms.impactAssessment, true],
  ];
  return texts.flatMap(([path, text, isRequired]) =>
    (['ja', 'en'] as const).flatMap((language) => {
      const words = text?.[language] ?? '';
      const place = `${path}.${language}`;
      if (words.trim() === '') return isRequired ? [finding('missing-language', place)] : [];
      if (words.length > book.limits.textLengthMaximum) {
        return [finding('text-too-long', place, book.limits.textLengthMaximum)];
      }
      return findVagueWords(book.vagueWords, language, words).map((word) => finding('vague-word', place, word));
    }),
  );
}

function checkItems(terms: ProgramTerms, book: PolicyBook): Finding[] {
  if (terms.items.length === 0) return [finding('no-items', 'terms.items')];
  const seen = new Set<string>();
  return terms.items.flatMap((item, position) => {
    const path = `terms.items[${position}]`;
    const findings: Finding[] = [];
    const pair = `${item.purpose} ${item.category}`;
    if (seen.has(pair)) findings.push(finding('duplicate-item', path));
    seen.add(pair);
    const purpose = book.purposes.get(item.purpose);
    const category = book.categories.get(item.category);
    if (!purpose) findings.push(finding('unknown-purpose', `${path}.purpose`, item.purpose));
    if (!category) return [...findings, finding('unknown-category', `${path}.category`, item.category)];
    if (purpose && !category.purposes.includes(purpose.code)) {
      findings.push(finding('purpose-not-for-category', path, purpose.name, category.name));
    }
    return [...findings, ...checkFields(item, category, terms, path), ...checkCategoryLimits(category, terms, book)];
  });
}

function checkFields(item: ProgramItem, category: Category, terms: ProgramTerms, path: string): Finding[] {
  if (item.fields.length === 0) return [finding('no-fields', `${path}.fields`)];
  return item.fields.flatMap((code, position) => {
    const place = `${path}.fields[${position}]`;
    const field = category.fields.find((candidate) => candidate.code === code);
    if (!field) return [finding('unknown-field', place, code)];
    if (item.fields.indexOf(code) !== position) return [finding('duplicate-field', place, code)];
    if (field.identifying && isBlank(terms.impactAssessment)) {
      return [finding('identifying-field-without-reason', place, field.name)];
    }
    return [];
  });
}

function checkCategoryLimits(category: Category, terms: ProgramTerms, book: PolicyBook): Finding[] {
  const { retentionDaysMaximum, periodDaysMaximum, regions } = category.limits;
  const findings: Finding[] = [];
  if (terms.retentionDays > retentionDaysMaximum) {
    findings.push(finding('retention-too-long', 'terms.retentionDays', category.name, retentionDaysMaximum));
  }
  if (terms.periodDays > periodDaysMaximum) {
    findings.push(finding('period-too-long', 'terms.periodDays', category.name, periodDaysMaximum));
  }
  if (!book.regions.get(regions)!.includes(terms.region)) {
    findings.push(finding('region-not-allowed', 'terms.region', category.name, terms.region));
  }
  return findings;
}

function checkBounds(terms: ProgramTerms, book: PolicyBook): Finding[] {
  const { minimumAgeFloor, minimumAgeCeiling, frequencyPerDayMaximum } = book.limits;
  const findings: Finding[] = [];
  for (const days of ['periodDays', 'retentionDays'] as const) {
    if (!isWholeWithin(terms[days], 1, Infinity)) findings.push(finding('days-not-positive', `terms.${days}`));
  }
  if (
    terms.frequency &&
    !isWholeWithin(terms.frequency.count, 1, frequencyPerDayMaximum * daysPer[terms.frequency.per])
  ) {
    findings.push(finding('frequency-out-of-bounds', 'terms.frequency', frequencyPerDayMaximum));
  }
  if (!isWholeWithin(terms.minimumAge, minimumAgeFloor, minimumAgeCeiling)) {
    findings.push(finding('minimum-age-out-of-bounds', 'terms.minimumAge', minimumAgeFloor, minimumAgeCeiling));
  }
  terms.processors.forEach((name, position) => {
    if (name.trim() === '') findings.push(finding('blank-processor', `terms.processors[${position}]`));
  });
  return findings;
}

function checkDates({ terms, targetYear }: ProgramApplication, book: PolicyBook): Finding[] {
  const { programDaysMaximum, reviewWithinDays, targetYearsAhead } = book.limits;
  const missing = (['startsOn', 'reviewOn', 'endsOn'] as const).filter((name) => dayNumber(terms[name]) === null);
  if (missing.length > 0) return missing.map((name) => finding('not-a-date', `terms.${name}`));
  const [start, review, end] = [dayNumber(terms.startsOn)!, dayNumber(terms.reviewOn)!, dayNumber(terms.endsOn)!];
  const findings: Finding[] = [];
  if (!(start < review && review <= end)) findings.push(finding('dates-out-of-order', 'terms.reviewOn'));
  if (end - start > programDaysMaximum) findings.push(finding('program-too-long', 'terms.endsOn', programDaysMaximum));
  if (review - start > reviewWithinDays) findings.push(finding('review-too-late', 'terms.reviewOn', reviewWithinDays));
  const startYear = Number(terms.startsOn.slice(0, 4));
  if (!isWholeWithin(targetYear, startYear, startYear + targetYearsAhead)) {
    findings.push(finding('target-year-out-of-bounds', 'targetYear', targetYearsAhead));
  }
  return findings;
}

/** What the rules say of applying; what the checks above have already told is not said twice. */
function checkRules({ recipient, terms }: ProgramApplication, book: PolicyBook): Finding[] {
  const purposes = [...new Set(terms.items.map(({ purpose }) => purpose))].filter((code) => book.purposes.has(code));
  return purposes.flatMap((purpose) => {
    const items = terms.items.filter((item) => item.purpose === purpose && fits(item, book));
    if (items.length === 0) return [];
    const { reasons, permitted } = book.decide({
      action: 'apply',
      recipient,
      purpose,
      categories: items.map(({ category }) => category),
      terms: policyTermsOf(terms, purpose, book),
      residentAge: 'unknown',
    });
    if (permitted) return [];
    return reasons.map(({ rule, category, sentence }): Finding => {
      const position = terms.items.findIndex((item) => item.purpose === purpose && item.category === category);
      return { code: 'policy-forbids', path: `terms.items[${position}]`, rule, ...sentence };
    });
  });
}

function fits(item: ProgramItem, book: PolicyBook): boolean {
  return book.categories.get(item.category)?.purposes.includes(item.purpose) ?? false;
}

function isBlank(text: Bilingual): boolean {
  return text.ja.trim() === '' && text.en.trim() === '';
}

function isWholeWithin(value: number, from: number, to: number): boolean {
  return Number.isSafeInteger(value) && value >= from && value <= to;
}

/** Days since 1970-01-01, or null when the text is no date of the calendar. */
function dayNumber(date: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(date)) return null;
  const instant = Date.parse(`${date}T00:00:00Z`);
  return Number.isNaN(instant) || new Date(instant).toISOString().slice(0, 10) !== date ? null : instant / dayMs;
}
