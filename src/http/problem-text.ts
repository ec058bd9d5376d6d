/** What each code means and what to do about it, for whoever opens the address in a problem's `type`. A missing one does not compile. */
import type { Code } from '../kernel/errors.js';

interface Explanation {
  readonly en: string;
  readonly ja: string;
}

export const explanations: Readonly<Record<Code, Explanation>> = {
  'malformed-json': {
    en: 'The body could not be read as JSON (RFC 8259). Check quotes, commas and brackets.',
    ja: '本文をJSON（RFC 8259）として読めませんでした。引用符、コンマ、括弧を確かめてください。',
  },
  'invalid-encoding': {
    en: 'Bodies are UTF-8. A form is percent-encoded UTF-8, and a text may not hold half a surrogate pair.',
    ja: '本文はUTF-8で送ってください。フォームはUTF-8をパーセントエンコードしたものです。対になっていないサロゲートは使えません。',
  },
  'invalid-request': {
    en: 'Something in the request does not have the form the documentation describes; `pointer` says where, if it is a field.',
    ja: 'リクエストの形式が説明書と異なります。項目の問題であれば、`pointer` がその場所を示します。',
  },
  'unknown-field': {
    en: 'Fields that are not documented are refused rather than ignored. `pointer` names the first of them.',
    ja: '説明書にない項目は、無視せずにお断りします。`pointer` が最初の項目を示します。',
  },
  'missing-field': {
    en: 'A required field is not there. `pointer` names it; an empty pointer means that the whole body is missing.',
    ja: '必要な項目がありません。`pointer` がその項目を示します。空の場合は本文そのものがありません。',
  },
  'wrong-type': {
    en: 'A field has another type than the documentation says, for example text instead of a number.',
    ja: '項目の型が説明書と異なります。たとえば、数値のところに文字列があります。',
  },
  'unknown-category': {
    en: 'Categories are the codes of the published catalogue, such as `health.checkup`.',
    ja: 'データ区分には、公開している一覧の符号（`health.checkup` など）を使ってください。',
  },
  'unknown-purpose': {
    en: 'Purposes are the codes of the published catalogue, such as `care.prevention`.',
    ja: '利用目的には、公開している一覧の符号（`care.prevention` など）を使ってください。',
  },
  'unsupported-media-type': {
    en: 'The API takes `application/json` in UTF-8 without compression. Only the pages of this service send forms.',
    ja: 'APIはUTF-8の `application/json` を、圧縮せずに受け付けます。フォームは当サービスのページからのみ送れます。',
  },
  'body-too-large': {
    en: 'The body is larger than this address takes. `limitBytes` is the limit in bytes; send less at a time.',
    ja: '本文がこのアドレスの上限を超えています。`limitBytes` が上限のバイト数です。分けて送ってください。',
  },
  'not-found': {
    en: 'There is nothing at this address, or nothing that is yours to see. The answer is the same for both.',
    ja: 'このアドレスには何もないか、ご覧いただけるものがありません。どちらの場合も同じ回答をします。',
  },
  'method-not-allowed': {
    en: 'The address exists, but not under this method. The Allow header lists those it has.',
    ja: 'アドレスはありますが、このメソッドは使えません。使えるものはAllowヘッダーにあります。',
  },
  'request-timeout': {
    en: 'The request did not arrive completely in time. Send it again.',
    ja: 'リクエストが時間内に届き終わりませんでした。もう一度お送りください。',
  },
  'header-too-large': {
    en: 'The request line and the headers are larger than the limit given in `limitBytes`.',
    ja: 'リクエスト行とヘッダーの合計が、`limitBytes` の上限を超えています。',
  },
  'misdirected-host': {
    en: 'The Host header names another service. Use the published address; names that a proxy adds are not looked at.',
    ja: 'Hostヘッダーが別のサービスを指しています。公開されているアドレスをお使いください。',
  },
  'rate-limited': {
    en: 'Too many requests in too short a time. Wait for the seconds given in Retry-After.',
    ja: '短い時間にリクエストが多すぎます。Retry-Afterの秒数だけお待ちください。',
  },
  'sign-in-required': {
    en: 'This needs a session of a resident or a board member. Sign in and try again.',
    ja: '住民またはデータ倫理審査会の委員としてのサインインが必要です。サインインしてからもう一度お試しください。',
  },
  'invalid-token': {
    en: 'The access token is missing, unknown or revoked. Tokens are opaque; ask the token endpoint for a new one.',
    ja: 'アクセストークンがないか、無効です。トークンエンドポイントで新しいものを取得してください。',
  },
  'token-expired': {
    en: 'Access tokens live for at most five minutes. Ask the token endpoint for a new one.',
    ja: 'アクセストークンの有効期間は最長5分です。新しいものを取得してください。',
  },
  'wrong-audience': {
    en: 'The access token was issued for another service.',
    ja: 'このアクセストークンは別のサービス向けに発行されたものです。',
  },
  'invalid-dpop-proof': {
    en: 'The DPoP proof (RFC 9449) does not belong to this request, this token or the key the token is bound to.',
    ja: 'DPoPの証明（RFC 9449）が、このリクエスト、トークン、または鍵と一致しません。',
  },
  'replayed-dpop-proof': {
    en: 'A DPoP proof is good for one request. Make a new one, with a new `jti`, for each.',
    ja: 'DPoPの証明は1回のリクエストにのみ使えます。リクエストごとに新しい `jti` で作成してください。',
  },
  'clock-skew': {
    en: 'The time in the proof is too far from ours. Set your clock, and make proofs when they are needed.',
    ja: '証明の時刻が当サービスの時計とずれています。時計を合わせ、必要になったときに証明を作成してください。',
  },
  forbidden: {
    en: 'You are known, but this is not yours to do.',
    ja: 'ご本人は確認できましたが、この操作の権限がありません。',
  },
  csrf: {
    en: 'What changes something is taken only from our own pages. Open the page again and repeat the step there.',
    ja: '変更を伴う操作は当サイトのページからのみ受け付けます。ページを開き直して、もう一度操作してください。',
  },
  'insufficient-scope': {
    en: 'The access token was issued for another program, purpose or category than this request is about.',
    ja: 'アクセストークンが、別の計画、利用目的またはデータ区分のために発行されたものです。',
  },
  'no-consent': {
    en: 'There is no consent in force for this, and nothing more can be said. The attempt stands in the log.',
    ja: '有効な同意がありません。これ以上のことはお答えできません。この試みは利用記録に残ります。',
  },
  'consent-withdrawn': {
    en: 'The resident has withdrawn the consent. Nothing is provided any more; the attempt stands in the log.',
    ja: 'ご本人が同意を撤回しました。以後の提供はありません。この試みは利用記録に残ります。',
  },
  'consent-paused': {
    en: 'The resident has paused the consent. It may be resumed by the resident only; the attempt stands in the log.',
    ja: 'ご本人が同意を一時停止しています。再開できるのはご本人だけです。この試みは利用記録に残ります。',
  },
  'consent-expired': {
    en: 'The period of the consent is over. The attempt stands in the log.',
    ja: '同意の期間が終わっています。この試みは利用記録に残ります。',
  },
  'program-not-active': {
    en: 'The program is not active: not approved yet, suspended, or over. The attempt stands in the log.',
    ja: 'データ利用計画が有効ではありません（未承認、停止中、または終了）。この試みは利用記録に残ります。',
  },
  'recipient-not-active': {
    en: 'The recipient is suspended or removed from the register. The attempt stands in the log.',
    ja: '提供先が停止中、または登録から外れています。この試みは利用記録に残ります。',
  },
  'outside-terms': {
    en: 'The purpose, the categories or the window of the request go beyond the approved terms. The attempt stands in the log.',
    ja: '利用目的、データ区分または期間が、承認された提供条件を超えています。この試みは利用記録に残ります。',
  },
  'policy-forbids': {
    en: 'A published rule of the policy forbids this. The attempt stands in the log.',
    ja: '公開されているポリシーの規則により許可されません。この試みは利用記録に残ります。',
  },
  'frequency-exceeded': {
    en: 'The approved number of provisions in this period is used up. The attempt stands in the log.',
    ja: '承認された回数をこの期間内に使い切っています。この試みは利用記録に残ります。',
  },
  conflict: {
    en: 'What you ask for does not fit the present state. Read the state again before you repeat it.',
    ja: '現在の状態ではこの操作はできません。状態を確かめてから、もう一度お試しください。',
  },
  'idempotency-key-reused': {
    en: 'An Idempotency-Key stands for one request. Use a new one for each, and the same only to repeat it unchanged.',
    ja: '冪等キーは1つのリクエストにのみ使えます。同じキーは、同じ内容を再送するときだけ使ってください。',
  },
  'not-approved': {
    en: 'Nobody can be asked about a program before the board has approved it.',
    ja: 'データ倫理審査会が承認するまで、どなたにも同意をお願いすることはできません。',
  },
  'unacceptable-program': {
    en: 'The program does not pass the checks made at submission. The answer lists what to change.',
    ja: 'データ利用計画が申請時の確認項目を満たしていません。直すべき点は回答に示しています。',
  },
  'unacceptable-items': {
    en: 'A consent can cover only what the program names, purpose by purpose and category by category.',
    ja: '同意できるのは、計画に示された利用目的とデータ区分の組み合わせだけです。',
  },
  'log-unavailable': {
    en: 'Without a signed checkpoint nothing is provided. Nothing was given out; try again later.',
    ja: '署名されたチェックポイントがないため、提供していません。時間をおいてお試しください。',
  },
  'log-unwitnessed': {
    en: 'Too few independent witnesses have cosigned the log for this to be provided. Nothing was given out; try again later. Consents can be withdrawn as always.',
    ja: 'ログに連署する独立した立会人が足りないため、提供していません。時間をおいてお試しください。同意の撤回はいつもどおりできます。',
  },
  unavailable: {
    en: 'The service cannot answer at the moment. A change may or may not have been made: repeat it with the same Idempotency-Key, or look it up.',
    ja: '現在応答できません。変更が行われたかどうか不明な場合は、同じ冪等キーで再送するか、状態をご確認ください。',
  },
  internal: {
    en: 'Something is wrong on our side. The operator finds the cause under the id in `incident`.',
    ja: 'サービス側に問題があります。運営者は `incident` の番号から原因を調べられます。',
  },
};
