/**
 * What a municipal checkup measures and asks: JLAC10 codes as the checkup specifications of the Ministry of Health, Labour and Welfare and
 * the municipal checkup FHIR guide of JAMI use them, with values as a middle-aged Japanese town has them.
 */
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';

export interface CheckupItem {
  readonly category: 'vital-signs' | 'laboratory' | 'imaging' | 'exam' | 'social-history' | 'survey';
  /** JLAC10, 17 characters. */
  readonly code: string;
  readonly display: string;
  readonly value: Readonly<Record<string, unknown>>;
}

export interface Screening {
  readonly code: string;
  readonly name: string;
  readonly results: (random: Random, person: DemoPerson) => CheckupItem[];
  readonly questions: (random: Random, person: DemoPerson) => CheckupItem[];
}

function quantity(value: number, unit: string, code: string): CheckupItem['value'] {
  return { valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code } };
}

function coded(table: string, code: string, display: string): CheckupItem['value'] {
  return {
    valueCodeableConcept: { coding: [{ system: `urn:oid:1.2.392.100495.100.${table}`, code, display }] },
  };
}

/** BMI to HbA1c; about one in three has a value that calls for a second visit. */
export function makeMeasurements(random: Random, person: DemoPerson): CheckupItem[] {
  const isMale = person.sex === 'male';
  const older = Math.max(0, person.age - 40);
  const bmi = random.measure(isMale ? 23.8 : 22.4, 3, 16, 38, 1);
  const systolic = random.measure(120 + older * 0.45, 14, 88, 198);
  const diastolic = Math.min(systolic - 25, random.measure(75 + older * 0.05, 9, 50, 115));
  const glucose = random.measure(97 + older * 0.15, 13, 70, 240);
  const item = (category: CheckupItem['category'], code: string, display: string, value: CheckupItem['value']) => ({
    category,
    code,
    display,
    value,
  });
  const laboratory = (code: string, display: string, value: number, unit: string) =>
    item('laboratory', code, display, quantity(value, unit, unit));
  return [
    item('vital-signs', '9N011000000000001', 'ＢＭＩ', quantity(bmi, 'kg/m2', 'kg/m2')),
    item('vital-signs', '9A755000000000001', '収縮期血圧', quantity(systolic, 'mmHg', 'mm[Hg]')),
    item('vital-signs', '9A765000000000001', '拡張期血圧', quantity(diastolic, 'mmHg', 'mm[Hg]')),
    laboratory('3F015000002327101', '空腹時中性脂肪', random.measure(isMale ? 128 : 102, 48, 35, 480), 'mg/dL'),
    laboratory('3F070000002327101', 'ＨＤＬコレステロール', random.measure(isMale ? 56 : 66, 13, 25, 120), 'mg/dL'),
    laboratory('3F077000002327101', 'ＬＤＬコレステロール', random.measure(123, 28, 45, 230), 'mg/dL'),
    laboratory('3D046000001906202', 'ＨｂＡ１ｃ（ＮＧＳＰ）', Number((3.4 + glucose * 0.023).toFixed(1)), '%'),
  ];
}

export function makeHabits(random: Random): CheckupItem[] {
  const smokes = random.chance(0.16);
  return [
    {
      category: 'social-history',
      code: '9N737000000000012',
      display: '肺がん検診時の喫煙指数',
      value: { valueInteger: smokes ? random.integer(5, 60) * 20 : 0 },
    },
  ];
}

function judged(code: string, display: string, table: string, choices: readonly (readonly [string, string, number])[]) {
  return (random: Random): CheckupItem => {
    const [choice, text] = random.pickWeighted(
      choices.map(([value, name, weight]) => [[value, name] as const, weight]),
    );
    return { category: 'exam', code, display, value: coded(table, choice, text) };
  };
}

function imaged(make: (random: Random) => CheckupItem): (random: Random) => CheckupItem {
  return (random) => ({ ...make(random), category: 'imaging' });
}

const attended = [
  ['1', '前年度に受けた', 55],
  ['2', '前々年度に受けた', 25],
  ['3', '過去２年間には受けていない', 20],
] as const;
const symptoms = [
  ['2', 'なし', 94],
  ['1', 'あり', 6],
] as const;

/** One list of makers becomes one function that asks each in turn. */
function each(...makers: ((random: Random) => CheckupItem)[]): (random: Random) => CheckupItem[] {
  return (random) => makers.map((make) => make(random));
}

export const lungScreening: Screening = {
  code: '51',
  name: '肺がん検診',
  results: each(
    imaged(
      judged('9P502000000000011', '肺がん検診の胸部エックス線検査判定', '2100', [
        ['2', 'Ｂ（異常所見を認めない）', 90],
        ['3', 'Ｃ（異常所見を認めるが精査を必要としない）', 8],
        ['4', 'Ｅ（肺癌の疑い）', 2],
      ]),
    ),
    () => ({
      category: 'exam',
      code: '9P505160800000049',
      display: '肺がん検診のその他所見',
      value: { valueString: '特記事項無し' },
    }),
  ),
  questions: each(
    judged('9P500000000000011', '肺がん検診の過去の受診歴', '2000', attended),
    judged('9P501000000000011', '肺がん検診時の肺がんに係る症状の有無', '2052', symptoms),
  ),
};

export const breastScreening: Screening = {
  code: '52',
  name: '乳がん検診',
  results: each(
    imaged(
      judged('9N281000000000011', '乳がん検診のマンモグラフィー検査判定', '2200', [
        ['1', 'カテゴリー１（異常なし）', 80],
        ['2', 'カテゴリー２（良性）', 14],
        ['3', 'カテゴリー３（良性、しかし悪性を否定できず）', 6],
      ]),
    ),
    () => ({
      category: 'exam',
      code: '9P523160800000049',
      display: '乳がん検診のその他所見',
      value: { valueString: '特記事項無し' },
    }),
  ),
  questions: each(
    judged('9P520000000000011', '乳がん検診の過去の受診歴', '2000', attended),
    judged('9P521000000000011', '乳がん検診時の乳がんに係る症状の有無', '2052', symptoms),
  ),
};

export const dentalScreening: Screening = {
  code: '58',
  name: '歯周疾患検診',
  results: (random, person) => {
    const teeth = random.measure(31 - person.age * 0.1, 3.5, 4, 32);
    return [
      {
        category: 'exam',
        code: '9P669000000000001',
        display: '歯周疾患検診の現在歯数',
        value: quantity(teeth, '本', '{hon}'),
      },
      judged('9P683000000000011', '歯周疾患検診の歯周ポケットＰＤ（最大値）', '2804', [
        ['0', '健全', 55],
        ['1', '浅いポケット', 35],
        ['2', '深いポケット', 10],
      ])(random),
    ];
  },
  questions: each(
    judged('9P650000000000011', '歯周疾患検診の問診：１日での歯をみがく頻度', '2800', [
      ['1', '３回以上', 30],
      ['2', '２回', 55],
      ['3', '１回', 15],
    ]),
  ),
};

export function chooseScreening(random: Random, person: DemoPerson): Screening {
  if (person.sex === 'female' && random.chance(0.35)) return breastScreening;
  return random.chance(0.7) ? lungScreening : dentalScreening;
}
