/** What a person can do about a problem; what it is called stands with its code (kernel/errors.ts). */
import { inBothLanguages } from '../language.js';

/** What to do next, by HTTP status; any other 4xx and 5xx use the last two. */
export const problemText = inBothLanguages({
  ja: {
    advice: {
      401: 'サインインすると、このページを開けます。',
      403: 'このページは、サインイン中の方には開けません。別の方としてサインインし直すと開ける場合があります。',
      404: 'アドレスが正しいかどうかを確かめてください。ページが移動したか、なくなった可能性があります。',
      409: 'ページを開いてから状態が変わった可能性があります。前のページを開き直してください。',
      429: 'しばらく待ってから、もう一度お試しください。',
      500: 'この問題は記録しました。データが渡ることはありません。しばらくしてから、もう一度お試しください。',
      503: '今は応答できません。この間、データが渡ることはありません。しばらくしてから、もう一度お試しください。',
    },
    otherMistake: '入力の内容を確かめて、もう一度お試しください。',
    otherFailure: 'しばらくしてから、もう一度お試しください。',
    status: (status: number, code: string) => `状態コード ${status}（${code}）`,
    home: 'トップページへ',
    signIn: 'サインインへ',
  },
  en: {
    advice: {
      401: 'Sign in to open this page.',
      403: 'This page is not open to the person signed in. It may be open to someone else.',
      404: 'Please check the address. The page may have moved or no longer exist.',
      409: 'Something changed after you opened the page. Please open the previous page again.',
      429: 'Please wait a while and try again.',
      500: 'This problem was recorded. No data is provided because of it. Please try again later.',
      503: 'The service cannot answer now. Meanwhile no data is provided. Please try again later.',
    },
    otherMistake: 'Please check what you entered and try again.',
    otherFailure: 'Please try again later.',
    status: (status, code) => `Status ${status} (${code})`,
    home: 'To the home page',
    signIn: 'To sign-in',
  },
});

export const explanationsText = inBothLanguages({
  ja: {
    title: 'エラーの意味',
    lead: 'APIがお断りするときの回答（problem+json）には、変わらない符号 code が付きます。その意味と、直し方です。',
    status: (status: number) => `状態コード ${status}`,
  },
  en: {
    title: 'What errors mean',
    lead: 'When the API declines, its answer (problem+json) carries a code that does not change. This is what each means and what to do.',
    status: (status) => `status ${status}`,
  },
});
