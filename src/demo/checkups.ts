/**
 * Municipal health checkup reports as FHIR R4 document Bundles, shaped like JP_Bundle_eMunicipalCheckup of the JAMI guide. One report in
 * three carries a Coverage with the insured person's symbol, number and branch, in extensions and in the narrative, as real ones do:
 * those must be taken out before storing, and the demo shows it. The numbers are invented.
 */
import { city } from './addresses.js';
import { chooseScreening, makeHabits, makeMeasurements, type CheckupItem, type Screening } from './checkup-items.js';
import { ageOn, fiscalYearOf, inJapanese, instantOf } from './days.js';
import type { DemoPerson } from './people.js';
import { Random } from './random.js';

const eCheckup = 'http://jpfhir.jp/fhir/eCheckup';
const observationCategory = 'http://terminology.hl7.org/CodeSystem/observation-category';
const institutionIds = 'urn:oid:1.2.392.200119.6.102';

const institution = { code: '9910000011', name: 'みなと野市保健センター', address: `${city.ja}港本町1丁目1番1号` };
const doctors = [
  { family: '磯貝', given: '直子', kana: ['イソガイ', 'ナオコ'] },
  { family: '浜岡', given: '俊', kana: ['ハマオカ', 'シュン'] },
  { family: '望月', given: '千景', kana: ['モチヅキ', 'チカゲ'] },
] as const;

type Resource = { readonly resourceType: string; readonly [element: string]: unknown };
type Entry = { readonly fullUrl: string; readonly resource: Resource };

/** The entries of one document, each under a name by which others refer to it. */
class Document {
  readonly entries: Entry[] = [];
  constructor(private readonly random: Random) {}

  /** Adds a resource and returns the reference to it. */
  add(resource: Resource): { reference: string } {
    const id = this.random.uuid();
    const { resourceType, ...elements } = resource;
    this.entries.push({ fullUrl: `urn:uuid:${id}`, resource: { resourceType, id, ...elements } });
    return { reference: `urn:uuid:${id}` };
  }
}

/** @param onDate the day of the visit. @returns a Bundle of about 8 to 14 KB as JSON. */
export function makeCheckup(person: DemoPerson, random: Random, onDate: string): unknown {
  const document = new Document(random);
  const screening = chooseScreening(random, person);
  const encounterId = random.uuid();
  const encounter = { reference: `urn:uuid:${encounterId}` };
  const patient = document.add(patientOf(person, random, onDate, encounter));
  const organization = document.add(organizationOf());
  const practitioner = document.add(practitionerOf(random));
  const author = document.add({ resourceType: 'PractitionerRole', practitioner, organization });
  document.entries.push({
    fullUrl: encounter.reference,
    resource: encounterOf(encounterId, onDate, organization, random),
  });
  // The first resident is the one that a tour looks at.
  const isCovered = random.chance(0.34) || person.number === 1;
  const coverage = isCovered ? [document.add(coverageOf(random, patient, document, onDate))] : [];
  const results = [...makeMeasurements(random, person), ...screening.results(random, person)];
  const questions = [...makeHabits(random), ...screening.questions(random, person)];
  const addAll = (items: readonly CheckupItem[]) => items.map((item) => document.add(observationOf(item, patient)));
  const sections = [
    section('01910', '検査結果', addAll(results), results),
    section('01920', '問診結果', addAll(questions), questions),
  ];
  if (coverage.length > 0) sections[0]!.entry.unshift(...coverage);
  return bundleOf(random, document, {
    resourceType: 'Composition',
    ...headOf(screening, random, onDate),
    subject: patient,
    encounter,
    author: [author],
    custodian: organization,
    event: [
      {
        code: [{ coding: [{ system: `${eCheckup}/CodeSystem/checkup-type-code`, code: '1', display: '一次検診' }] }],
        period: { start: onDate, end: onDate },
        detail: [encounter],
      },
    ],
    section: sections,
  });
}

function bundleOf(random: Random, document: Document, composition: Resource): unknown {
  const id = random.uuid();
  const { resourceType, date, ...elements } = composition;
  const first = { fullUrl: `urn:uuid:${id}`, resource: { resourceType, id, date, ...elements } };
  return {
    resourceType: 'Bundle',
    id: random.uuid(),
    meta: { profile: ['http://jpfhir.jp/fhir/eMunicipalCheckup/StructureDefinition/JP_Bundle_eMunicipalCheckup'] },
    identifier: { system: 'urn:ietf:rfc:3986', value: `urn:uuid:${random.uuid()}` },
    type: 'document',
    timestamp: date,
    entry: [first, ...document.entries],
  };
}

function headOf(screening: Screening, random: Random, onDate: string): { date: string; [element: string]: unknown } {
  const reportCategory = `${eCheckup}/CodeSystem/checkup-report-category`;
  return {
    language: 'ja',
    text: narrative(`自治体検診結果報告書（${screening.name}）`),
    identifier: { system: `urn:oid:1.2.392.100495.100.1.1${institution.code}`, value: random.digits(7) },
    status: 'final',
    type: {
      coding: [
        {
          system: 'http://jpfhir.jp/fhir/Common/CodeSystem/doc-typecodes',
          code: 'xx',
          display: '自治体検診結果報告書',
        },
      ],
    },
    category: [{ coding: [{ system: reportCategory, code: screening.code, display: screening.name }] }],
    date: instantOf(onDate, random.integer(15 * 60, 18 * 60)),
    title: `${screening.name}結果のお知らせ`,
    confidentiality: 'N',
  };
}

function section(code: string, title: string, entry: { reference: string }[], items: readonly CheckupItem[]) {
  const lines = items.map((item) => `<li>${item.display} ${textOf(item.value)}</li>`).join('');
  return {
    title,
    code: { coding: [{ system: `${eCheckup}/CodeSystem/section-code`, code, display: `${title}セクション` }] },
    text: narrative(`<ul>${lines}</ul>`),
    entry,
  };
}

function narrative(content: string): { status: string; div: string } {
  return { status: 'generated', div: `<div xmlns="http://www.w3.org/1999/xhtml">${content}</div>` };
}

function textOf(value: CheckupItem['value']): string {
  const { valueQuantity, valueCodeableConcept, valueString, valueInteger } = value as {
    valueQuantity?: { value: number; unit: string };
    valueCodeableConcept?: { coding: { display: string }[] };
    valueString?: string;
    valueInteger?: number;
  };
  if (valueQuantity) return `${valueQuantity.value} ${valueQuantity.unit}`;
  return valueCodeableConcept?.coding[0]?.display ?? valueString ?? String(valueInteger);
}

function observationOf(item: CheckupItem, subject: { reference: string }): Resource {
  return {
    resourceType: 'Observation',
    status: 'final',
    category: [{ coding: [{ system: observationCategory, code: item.category }] }],
    code: { coding: [{ system: `${eCheckup}/CodeSystem/jlac10`, code: item.code, display: item.display }] },
    subject,
    ...item.value,
  };
}

function patientOf(person: DemoPerson, random: Random, onDate: string, event: { reference: string }): Resource {
  const representation = 'http://hl7.org/fhir/StructureDefinition/iso21090-EN-representation';
  const nameAs = (valueCode: string, family: string, given: string) => ({
    extension: [{ url: representation, valueCode }],
    use: 'official',
    text: `${family}\u3000${given}`,
    family,
    given: [given],
  });
  const age = ageOn(onDate, person.birthDate);
  return {
    resourceType: 'Patient',
    extension: [
      {
        extension: [
          { url: 'age', valueAge: { value: age, unit: '歳', system: 'http://unitsofmeasure.org', code: 'a' } },
          { url: 'event', valueReference: event },
        ],
        url: `${eCheckup}/Extension/StructureDefinition/JP_Age_At_Event`,
      },
    ],
    identifier: [{ system: `${institutionIds}.1${institution.code}`, value: random.digits(6) }],
    name: [
      nameAs('IDE', person.family.kanji, person.given.kanji),
      nameAs('SYL', person.family.kana, person.given.kana),
    ],
    telecom: [{ system: 'phone', value: person.phone, use: 'home' }],
    gender: person.sex,
    birthDate: person.birthDate,
    address: [{ text: person.address.text, postalCode: person.address.postalCode, country: 'JP' }],
  };
}

function organizationOf(): Resource {
  return {
    resourceType: 'Organization',
    identifier: [{ system: institutionIds, value: institution.code }],
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'prov' }] }],
    name: institution.name,
    telecom: [{ system: 'phone', value: '0999-00-0001' }],
    address: [{ text: institution.address, postalCode: '000-0013', country: 'JP' }],
  };
}

function practitionerOf(random: Random): Resource {
  const { family, given, kana } = random.pick(doctors);
  return {
    resourceType: 'Practitioner',
    name: [
      { text: `${family}\u3000${given}`, family, given: [given] },
      { text: kana.join('\u3000'), family: kana[0], given: [kana[1]] },
    ],
  };
}

function encounterOf(id: string, onDate: string, serviceProvider: { reference: string }, random: Random): Resource {
  const [code, display] = random.pick([
    ['1', '個別受診'],
    ['2', '集団受診'],
  ] as const);
  return {
    resourceType: 'Encounter',
    id,
    text: narrative(`<p>${inJapanese(onDate)}</p>`),
    extension: [
      {
        url: `${eCheckup}/Extension/StructureDefinition/JP_Fiscal_Year_At_Primary_Checkup`,
        valueDate: String(fiscalYearOf(onDate)),
      },
    ],
    status: 'finished',
    class: { system: `${eCheckup}/CodeSystem/encounter-category`, code: 'checkup', display: '健診' },
    serviceType: { coding: [{ system: `${eCheckup}/CodeSystem/checkup-encounter-type`, code, display }] },
    period: { start: onDate, end: onDate },
    serviceProvider,
  };
}

/** Full-width digits, as insurance cards print them. */
function fullWidth(digits: string): string {
  return digits.replace(/\d/g, (digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0));
}

function coverageOf(random: Random, beneficiary: { reference: string }, document: Document, onDate: string): Resource {
  const insurer = document.add({
    resourceType: 'Organization',
    type: [{ coding: [{ system: 'http://terminology.hl7.org/CodeSystem/organization-type', code: 'ins' }] }],
    name: `${city.ja}国民健康保険`,
  });
  const [symbol, number, branch] = [random.digits(5), random.digits(6), random.pick(['00', '01', '02'])];
  const extension = (part: string, valueString: string) => ({
    url: `http://jpfhir.jp/fhir/core/Extension/StructureDefinition/JP_Coverage_InsuredPerson${part}`,
    valueString,
  });
  const lines = [
    `被保険者証記号・番号：${fullWidth(symbol)}・${fullWidth(number)}`,
    `枝番：${branch}`,
    '患者区分：本人',
  ];
  return {
    resourceType: 'Coverage',
    text: narrative(`<ul>${lines.map((line) => `<li>${line}</li>`).join('')}</ul>`),
    extension: [
      extension('Symbol', fullWidth(symbol)),
      extension('Number', fullWidth(number)),
      extension('SubNumber', branch),
    ],
    status: 'active',
    type: { coding: [{ system: 'urn:oid:1.2.392.100495.20.2.61', code: '1' }] },
    beneficiary,
    dependent: branch,
    relationship: {
      coding: [{ system: 'urn:oid:1.2.392.100495.20.2.62', code: '1', display: '被保険者' }],
    },
    period: { start: `${fiscalYearOf(onDate)}-04-01`, end: `${fiscalYearOf(onDate) + 1}-03-31` },
    payor: [insurer],
  };
}
