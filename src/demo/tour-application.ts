/** The application the tour hands in: a small program of Hamakaze Clinic about walking. */
import type { Application } from '../programs/application.js';
import { addDays } from './days.js';

export function tourApplication(): Application {
  const today = new Intl.DateTimeFormat('sv-SE', { timeZone: 'Asia/Tokyo' }).format(new Date());
  return {
    title: { ja: '歩く習慣の相談（見学用）', en: 'Advice on walking (tour)' },
    explanation: {
      ja: 'はまかぜ内科クリニックの医師が毎日の歩数を見て、続けやすい歩き方を助言します。氏名と連絡先は渡りません。',
      en: 'A doctor of Hamakaze Clinic looks at your daily steps and suggests a way of walking that you can keep up. Your name and contact details are not passed on.',
    },
    problem: { ja: '冬の間に歩数が三割減る住民がいます。', en: 'Some residents walk a third less during winter.' },
    beneficiary: { ja: '歩数を記録している住民', en: 'Residents who record their steps' },
    target: { ja: '冬の歩数の減り方を半分にします。', en: 'Halve the drop in steps during winter.' },
    targetYear: Number(today.slice(0, 4)) + 1,
    terms: {
      items: [{ purpose: 'care.prevention', category: 'activity.steps', fields: ['steps', 'time'] }],
      periodDays: 90,
      retentionDays: 90,
      frequency: null,
      mode: 'store',
      region: 'JP',
      onwardSharing: false,
      legalBasis: 'consent',
      relation: 'third_party_provision',
      publicInterest: null,
      benefitToResident: {
        ja: '続けやすい歩き方を医師から聞けます。',
        en: 'You hear from a doctor how to keep walking.',
      },
      benefitToTown: {
        ja: '歩く住民が増え、まちが元気になります。',
        en: 'More people walk, and the town is livelier.',
      },
      safetyMeasures: {
        ja: 'データは院内の暗号化したサーバーに置き、医師2名だけが開きます。',
        en: 'The data are kept on an encrypted server in the clinic; only two doctors open them.',
      },
      processors: [],
      impactAssessment: {
        ja: '歩数だけを受け取り、氏名も位置も受け取らないため、漏れても本人がわかるおそれは小さいと考えます。',
        en: 'Only steps are received, neither name nor place, so the risk that anybody is recognised is small.',
      },
      minimumAge: 18,
      startsOn: today,
      endsOn: addDays(today, 90),
      reviewOn: addDays(today, 60),
    },
  };
}
