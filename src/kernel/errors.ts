/**
 * The vocabulary of what can go wrong, in three kinds that must not be confused:
 * a *refusal* is a decision, a value, and is logged; a *mistake* is the caller's and carries a stable code; a broken
 * invariant is ours and stops. Codes are stable: a caller may branch on them without reading prose.
 * `detail` texts never contain personal data, tokens or keys.
 */

/** Every stable code with its HTTP status and a title in both languages. */
export const codes = {
  // the request itself
  'malformed-json': [400, 'The body is not JSON', '本文がJSONではありません'],
  'invalid-encoding': [400, 'The body is not valid UTF-8', '本文がUTF-8ではありません'],
  'invalid-request': [400, 'The request does not have the expected form', 'リクエストの形式が正しくありません'],
  'unknown-field': [400, 'There is a field that is not known here', '使えない項目が含まれています'],
  'missing-field': [400, 'A field is missing', '必要な項目がありません'],
  'wrong-type': [400, 'A field is of the wrong type', '項目の型が正しくありません'],
  'unknown-category': [400, 'No such category', 'そのデータ区分はありません'],
  'unknown-purpose': [400, 'No such purpose', 'その利用目的はありません'],
  'unsupported-media-type': [415, 'The content type is not supported', 'このContent-Typeには対応していません'],
  'body-too-large': [413, 'The body is larger than the limit', '本文が上限を超えています'],
  'not-found': [404, 'Not found', '見つかりません'],
  'method-not-allowed': [405, 'The method is not allowed here', 'このメソッドは使えません'],
  'request-timeout': [408, 'The request did not arrive in time', 'リクエストが時間内に届きませんでした'],
  'header-too-large': [431, 'The headers are larger than the limit', 'ヘッダーが上限を超えています'],
  'misdirected-host': [421, 'This service does not answer for that host', 'このホスト名では応答しません'],
  'rate-limited': [429, 'Too many requests', 'リクエストが多すぎます'],
  // who is asking
  'sign-in-required': [401, 'Please sign in', 'サインインしてください'],
  'invalid-token': [401, 'The access token is not valid', 'アクセストークンが無効です'],
  'token-expired': [401, 'The access token has expired', 'アクセストークンの期限が切れています'],
  'wrong-audience': [401, 'The access token is for another audience', '別の宛先向けのアクセストークンです'],
  'invalid-dpop-proof': [401, 'The DPoP proof is not valid', 'DPoPの証明が無効です'],
  'replayed-dpop-proof': [401, 'The DPoP proof was used before', 'DPoPの証明はすでに使われています'],
  'clock-skew': [401, 'The time in the proof is too far from ours', '証明の時刻がずれています'],
  forbidden: [403, 'This is not yours to do', 'この操作は許可されていません'],
  csrf: [403, 'The request did not come from our own page', '当サイトのページからの操作ではありません'],
  'insufficient-scope': [403, 'The access token does not cover this', 'アクセストークンの範囲外です'],
  // refusals at the door (each stands in the log)
  'no-consent': [403, 'There is no consent in force', '有効な同意がありません'],
  'consent-withdrawn': [403, 'The consent was withdrawn', '同意は撤回されています'],
  'consent-paused': [403, 'The consent is paused', '同意は一時停止中です'],
  'consent-expired': [403, 'The consent has ended', '同意の期間が終わっています'],
  'program-not-active': [403, 'The program is not active', 'このデータ利用計画は有効ではありません'],
  'recipient-not-active': [403, 'The recipient is suspended or removed', '提供先が停止中または削除済みです'],
  'outside-terms': [403, 'The request is outside the approved terms', '承認された提供条件の範囲外です'],
  'policy-forbids': [403, 'The policy forbids this', 'ポリシーにより許可されません'],
  'frequency-exceeded': [429, 'The approved frequency is used up', '承認された頻度を超えています'],
  // conflicts
  conflict: [409, 'The state does not allow this', '現在の状態ではこの操作はできません'],
  'idempotency-key-reused': [
    422,
    'The idempotency key was used for another request',
    '冪等キーが別のリクエストで使われています',
  ],
  'not-approved': [409, 'The board has not approved this program', 'データ倫理審査会がこの計画を承認していません'],
  'unacceptable-program': [422, 'The program does not pass the checks', 'データ利用計画が確認項目を満たしていません'],
  'unacceptable-items': [422, 'The items are not within the program', '選択された項目が計画の範囲外です'],
  // ours
  'log-unavailable': [
    503,
    'The log cannot be signed at the moment; nothing was provided',
    '利用記録に署名できないため、提供していません',
  ],
  'log-unwitnessed': [
    503,
    'Too few witnesses have cosigned the log; nothing was provided',
    '立会人の連署がそろわないため、提供していません',
  ],
  unavailable: [503, 'The service cannot answer at the moment', '現在応答できません'],
  internal: [500, 'Something is wrong on our side', 'サービス側の問題が起きました'],
} as const satisfies Record<string, readonly [status: number, en: string, ja: string]>;

export type Code = keyof typeof codes;

/** A caller's mistake: answered with its code, never retried by us. `extra` members go into the problem document. */
export class Mistake extends Error {
  constructor(
    readonly code: Code,
    detail: string,
    readonly extra: Readonly<Record<string, unknown>> = {},
  ) {
    super(detail);
    this.name = 'Mistake';
  }
}

/** A broken invariant of ours. */
export class BrokenInvariant extends Error {
  override readonly name = 'BrokenInvariant';
}

/** Throws `BrokenInvariant` unless `condition` holds. */
export function invariant(condition: unknown, sentence: string): asserts condition {
  if (!condition) throw new BrokenInvariant(sentence);
}
