/** Applications for tests: one that passes every check, varied by what a test is about. */
import type { ProgramApplication, ProgramTerms } from '../../src/policy/program-terms.js';

const text = (ja: string, en: string) => ({ ja, en });

export function someTerms(changes: Partial<ProgramTerms> = {}): ProgramTerms {
  return {
    items: [
      { purpose: 'care.prevention', category: 'health.checkup', fields: ['results', 'sex', 'age-at-checkup'] },
      { purpose: 'care.prevention', category: 'activity.steps', fields: ['steps', 'time'] },
    ],
    periodDays: 365,
    retentionDays: 365,
    frequency: { count: 4, per: 'month' },
    mode: 'view',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: null,
    benefitToResident: text('再検査が必要なときに早く案内が届きます。', 'You hear early when a second test is needed.'),
    benefitToTown: text('重い病気になる人が減ります。', 'Fewer people fall seriously ill.'),
    safetyMeasures: text('院内の端末だけで開きます。', 'It is opened on the clinic’s own terminals only.'),
    processors: [],
    impactAssessment: text(
      '漏れたときの影響は大きいため、閲覧だけにします。',
      'A leak would weigh heavily, so it is viewed only.',
    ),
    minimumAge: 18,
    startsOn: '2027-04-01',
    endsOn: '2029-03-31',
    reviewOn: '2028-03-31',
    ...changes,
  };
}

export function anApplication({
  terms,
  ...changes
}: Partial<Omit<ProgramApplication, 'terms'>> & { terms?: Partial<ProgramTerms> } = {}): ProgramApplication {
  return {
    recipient: { id: 'hamakaze-clinic', kind: 'clinic', country: 'JP' },
    title: text('健診後の受診案内', 'Checkup follow-up'),
    explanation: text(
      '健診の結果を見て、受診が必要な方に案内します。',
      'We look at checkup results and invite those who need care.',
    ),
    problem: text('健診の後に受診しない人が多くいます。', 'Many do not see a doctor after a checkup.'),
    beneficiary: text('健診を受けた住民', 'Residents who had a checkup'),
    target: text('再検査の受診率を8割にする。', 'Eight in ten take the second test.'),
    targetYear: 2029,
    terms: someTerms(terms),
    ...changes,
  };
}
