/** Blood pressure, pulse and weight measured at home, on a third of the days of two weeks, handed over by the walking app. */
import { addDays, instantOf } from './days.js';
import type { DatedRecord } from './dated-record.js';
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';

const devices = [
  { maker: '潮騒精機', model: 'SB-210' },
  { maker: '灯台メディカル', model: 'HT-7' },
] as const;

export function makeVitals(person: DemoPerson, random: Random, today: string): DatedRecord[] {
  const systolic = random.measure(114 + person.age * 0.3, 10, 95, 170);
  const weight = random.measure(person.sex === 'male' ? 66 : 53, 8, 36, 110, 1);
  const device = { ...random.pick(devices), serialNumber: `S${random.digits(8)}` };
  const measured: DatedRecord[] = [];
  for (let daysAgo = 14; daysAgo >= 1; daysAgo -= random.integer(2, 4)) {
    const onDate = addDays(today, -daysAgo);
    const upper = random.measure(systolic, 6, 85, 200);
    measured.push({
      onDate,
      data: {
        id: random.uuid(),
        measuredAt: instantOf(onDate, random.integer(6 * 60, 8 * 60)),
        place: 'home',
        bloodPressure: { systolic: upper, diastolic: Math.round(upper * 0.62), unit: 'mm[Hg]' },
        heartRate: { value: random.measure(70, 8, 45, 120), unit: '/min' },
        bodyWeight: { value: random.measure(weight, 0.4, 30, 120, 1), unit: 'kg' },
        device,
      },
    });
  }
  return measured;
}
