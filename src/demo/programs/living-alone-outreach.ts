/** The city's Welfare Department, active: contact and household for visiting residents who live alone. */
import type { ProgramTerms } from '../../policy/program-terms.js';
import { recipientOf, running, yearAfter, type DemoProgram } from '../demo-program.js';

const texts = {
  title: { ja: '一人暮らしの方への見守りの案内', en: 'Living-alone outreach' },
  explanation: {
    ja: '市の福祉課が、同意した方の世帯の人数と年齢層から一人暮らしの高齢の方を見つけ、氏名と住所と電話番号を使って、見守りの訪問と配食の案内をします。訪問を断ることはいつでもできます。',
    en: 'From the household size and age bands of those who consent, the Welfare Department finds older residents who live alone, and uses name, address and telephone number to offer visits and meal delivery. You can decline visits at any time.',
  },
  problem: {
    ja: '一人で暮らす75歳以上の方のうち、市の見守りを知らない方が三人に一人います。',
    en: 'One in three residents aged 75 or over who live alone does not know that the city offers visits.',
  },
  beneficiary: { ja: '一人で暮らす75歳以上の住民', en: 'Residents aged 75 and over who live alone' },
  target: {
    ja: '一人暮らしの75歳以上の方の九割に、見守りの案内を届けます。',
    en: 'Reach nine in ten residents aged 75 and over who live alone.',
  },
};

function termsFrom(today: string): ProgramTerms {
  return {
    items: [
      {
        purpose: 'welfare.outreach',
        category: 'profile.contact',
        fields: ['name', 'address', 'phone', 'language'],
      },
      {
        purpose: 'welfare.outreach',
        category: 'profile.household',
        fields: ['size', 'composition', 'living-alone', 'age-bands'],
      },
    ],
    periodDays: 730,
    retentionDays: 365,
    frequency: null,
    mode: 'store',
    region: 'JP',
    onwardSharing: false,
    legalBasis: 'consent',
    relation: 'third_party_provision',
    publicInterest: {
      ja: '誰にも気づかれずに倒れる方をなくすための、市の福祉の事業です。',
      en: 'It is a welfare service of the city, so that nobody falls ill unnoticed.',
    },
    benefitToResident: {
      ja: '月に一度の訪問と、体調を崩したときの連絡先を得られます。',
      en: 'You get a visit once a month and someone to call when you are unwell.',
    },
    benefitToTown: {
      ja: '近所と民生委員だけに頼らない見守りになります。',
      en: 'Looking after people no longer rests on neighbours and welfare commissioners alone.',
    },
    safetyMeasures: {
      ja: '福祉課の職員6名だけが、インターネットから切り離した市の端末で開きます。印刷した名簿は鍵のかかる棚に置き、訪問の翌日に裁断します。',
      en: 'Only six members of the department open the data, on city terminals cut off from the internet. Printed lists are kept locked and shredded the day after the visit.',
    },
    processors: [],
    impactAssessment: {
      ja: '一人暮らしであることが知られると、訪問販売や詐欺にあうおそれがあります。名簿を庁舎の外に持ち出す職員を2名に限り、世帯のほかの方の氏名は受け取りません。',
      en: 'If it is known that someone lives alone, they may be exposed to door-to-door sales or fraud. Only two members of staff take lists outside the building, and the names of the other members of a household are not received.',
    },
    minimumAge: 18,
    ...running(today, 730),
  };
}

export function livingAloneOutreach(today: string): DemoProgram {
  return {
    name: 'living-alone-outreach',
    status: 'active',
    application: {
      recipient: recipientOf('minatono-welfare'),
      ...texts,
      targetYear: yearAfter(today, 1),
      terms: termsFrom(today),
    },
    decision: {
      outcome: 'approved',
      memberId: 'board-hirose',
      reason: {
        ja: '氏名と住所が要る理由が訪問という目的から明らかです。世帯のほかの方の氏名を受け取らず、紙の名簿の扱いも定められているため、承認します。',
        en: 'Visits make it clear why names and addresses are needed. The names of other members are not received, and the handling of paper lists is laid down. Approved.',
      },
    },
    suspension: null,
  };
}
