/** Daily step counts of the town's walking app as Open mHealth data points (omh:step-count 3.0, header 1.2). */
import { addDays, instantOf } from './days.js';
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';

export const stepDays = 14;

/** One data point for each of the `stepDays` days before `today`, oldest first. */
export function makeSteps(
  person: DemoPerson,
  random: Random,
  today: string,
): { onDate: string; data: StepCountPoint }[] {
  const usual = usualSteps(random, person.age);
  const user = random.uuid();
  return Array.from({ length: stepDays }, (_, position) => {
    const onDate = addDays(today, position - stepDays);
    const isWeekend = [0, 6].includes(new Date(`${onDate}T00:00:00Z`).getUTCDay());
    const steps = random.measure(usual * (isWeekend ? 0.85 : 1), usual * 0.22, 120, 32_000);
    return { onDate, data: pointOf(random, user, onDate, steps) };
  });
}

export interface StepCountPoint {
  readonly header: { readonly id: string; readonly [member: string]: unknown };
  readonly body: {
    readonly step_count: { readonly value: number; readonly unit: 'steps' };
    readonly [member: string]: unknown;
  };
}

function usualSteps(random: Random, age: number): number {
  const mean = age < 18 ? 8600 : age < 65 ? 7000 : age < 75 ? 5900 : age < 85 ? 4100 : 2100;
  return random.measure(mean, mean * 0.3, 400, 18_000);
}

function pointOf(random: Random, user: string, onDate: string, steps: number): StepCountPoint {
  const recordedAt = instantOf(addDays(onDate, 1), random.integer(5, 240));
  return {
    header: {
      id: random.uuid(),
      creation_date_time: recordedAt,
      schema_id: { namespace: 'omh', name: 'step-count', version: '3.0' },
      acquisition_provenance: {
        source_name: 'みなと野ウォーク',
        source_creation_date_time: recordedAt,
        modality: 'sensed',
      },
      user_id: user,
    },
    body: {
      step_count: { value: steps, unit: 'steps' },
      effective_time_frame: {
        time_interval: {
          start_date_time: instantOf(onDate, 0),
          end_date_time: instantOf(addDays(onDate, 1), 0),
        },
      },
    },
  };
}
