/** Dispensed prescriptions of the last months from みなと野薬局: what people past middle age in Japan commonly take, by generic name. */
import { addDays } from './days.js';
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';
import type { DatedRecord } from './dated-record.js';

interface Medicine {
  /** Invented code of the pharmacy's own list. */
  readonly code: string;
  readonly name: string;
  readonly dose: number;
  readonly timesPerDay: number;
  readonly timing: string;
}

const medicines: readonly Medicine[] = [
  { code: 'A001', name: 'アムロジピン錠5mg', dose: 1, timesPerDay: 1, timing: '朝食後' },
  { code: 'A002', name: 'カンデサルタン錠8mg', dose: 1, timesPerDay: 1, timing: '朝食後' },
  { code: 'A003', name: 'ロスバスタチン錠2.5mg', dose: 1, timesPerDay: 1, timing: '夕食後' },
  { code: 'A004', name: 'メトホルミン塩酸塩錠250mg', dose: 1, timesPerDay: 2, timing: '朝夕食後' },
  { code: 'A005', name: 'ランソプラゾールOD錠15mg', dose: 1, timesPerDay: 1, timing: '朝食後' },
  { code: 'A006', name: 'アスピリン腸溶錠100mg', dose: 1, timesPerDay: 1, timing: '朝食後' },
  { code: 'A007', name: 'フェキソフェナジン塩酸塩錠60mg', dose: 1, timesPerDay: 2, timing: '朝夕食後' },
];

const facilities = [
  { id: 'hamakaze-clinic', name: 'はまかぜ内科クリニック' },
  { id: 'minatono-hospital', name: 'みなと野中央病院' },
] as const;

export function makePrescriptions(person: DemoPerson, random: Random, today: string): DatedRecord[] {
  const facility = random.pick(facilities);
  const count = Math.min(medicines.length, 1 + random.integer(0, person.age >= 75 ? 3 : 1));
  const first = random.integer(0, medicines.length - 1);
  const days = random.pick([28, 30, 56]);
  const medications = Array.from({ length: count }, (_, position) => ({
    system: 'https://minatono-pharmacy.example/medicines',
    ...medicines[(first + position * 2) % medicines.length]!,
    unit: '錠',
    days,
    route: 'oral',
  }));
  const prescriptions: DatedRecord[] = [];
  for (let daysAgo = days * 2 + random.integer(1, 20); daysAgo >= 1; daysAgo -= days) {
    const onDate = addDays(today, -daysAgo);
    prescriptions.push({
      onDate,
      data: {
        id: random.uuid(),
        prescribedOn: onDate,
        dispensedOn: onDate,
        facility,
        prescriber: { name: random.pick(['磯貝 直子', '浜岡 俊', '宇田川 修平']) },
        pharmacy: { id: 'mp-01', name: 'みなと野薬局 港本町店' },
        pharmacist: { name: random.pick(['望月 薫', '岸本 理央']) },
        prescriptionNumber: `RX${random.digits(7)}`,
        medications,
      },
    });
  }
  return prescriptions;
}
