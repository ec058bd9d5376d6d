/** Requests of staff in every state, and what one of them showed. */
import type { StaffLookPageProps } from '../../src/pages/staff/look-view.js';
import type { ShownRequest, StaffPageProps } from '../../src/pages/staff/view.js';
import { categories, now, staff, units } from './samples.js';
import { dataSample } from './samples-resident.js';

const minuteMs = 60_000;
const reasons = [
  { code: 'inquiry', name: { ja: '本人からの問い合わせに答えるため', en: 'To answer a question of the resident' } },
  { code: 'data-error', name: { ja: 'データの誤りを調べるため', en: 'To look into a mistake in the data' } },
] as const;

function request(place: number, rest: Partial<ShownRequest>): ShownRequest {
  return {
    id: `00000000-0000-4000-8000-00000000000${place}`,
    login: 'minato.haruka',
    unit: units.desk,
    categories: [categories.steps, categories.checkup],
    reason: reasons[0],
    explanation: '歩数が0になる日があるとのお問い合わせを受けて、届いているデータを確かめます。',
    askedBy: staff.kuroda,
    askedAt: new Date(now.getTime() - place * 40 * minuteMs),
    decidedBy: null,
    decidedAt: null,
    state: 'waiting',
    ...{ isOwn: true, isConcealed: false },
    ...rest,
  };
}

const decided = (minutesAgo: number) => ({
  decidedBy: staff.nagai,
  decidedAt: new Date(now.getTime() - minutesAgo * minuteMs),
});

export const staffSample: Omit<StaffPageProps, 'frame'> = {
  categories: Object.values(categories),
  reasons,
  requests: [
    request(1, { ...decided(10), state: 'approved' }),
    request(2, { askedBy: staff.nagai, isOwn: false, explanation: null, reason: reasons[1] }),
    request(3, {}),
    request(4, { ...decided(130), state: 'over', login: null }),
    request(5, { ...decided(190), state: 'refused' }),
    request(6, { state: 'lapsed' }),
    request(7, { ...decided(200), state: 'over', isOwn: false, isConcealed: true, categories: [], login: null }),
  ],
  draft: { resident: 'minato.haruka', categories: [categories.steps.code], reason: 'inquiry', explanation: '短い' },
  failure: 'incomplete',
};

export const staffLookSample: Omit<StaffLookPageProps, 'frame'> = {
  login: 'minato.haruka',
  at: dataSample.at,
  place: dataSample.place,
  categories: [
    { category: categories.steps, count: 240, records: dataSample.records },
    { category: categories.checkup, count: 0, records: [] },
  ],
};
