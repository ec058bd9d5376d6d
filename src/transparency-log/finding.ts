/**
 * The vocabulary of what a verifier can find. Codes are stable: a caller may branch on them without reading prose.
 * A finding says what is wrong and where; it never says why somebody did it.
 */

/** Every stable code with one sentence in both languages. */
export const findingCodes = {
  // form
  'malformed-key': ['The key is not written as a signed-note key', '鍵の書式が正しくありません'],
  'malformed-note': ['The signed note is malformed', '署名付きノートの書式が正しくありません'],
  'malformed-checkpoint': ['The checkpoint is malformed', 'チェックポイントの書式が正しくありません'],
  'malformed-tile': ['A hash tile is malformed', 'ハッシュタイルの書式が正しくありません'],
  'malformed-bundle': ['An entry bundle is malformed', '利用記録の束の書式が正しくありません'],
  'malformed-entry': ['A log entry is not in the canonical form', '利用記録が定められた形ではありません'],
  'malformed-proof': ['The proof is malformed', '証明の書式が正しくありません'],
  'malformed-policy': ['The witness policy is malformed', '立会人の方針の書式が正しくありません'],
  'malformed-receipt': ['The receipt is malformed', '提供証明の書式が正しくありません'],
  // signatures
  'wrong-origin': ['The checkpoint belongs to another log', '別の透明性ログのチェックポイントです'],
  untrusted: ['No trusted key signed this', '信頼する鍵による署名がありません'],
  'bad-signature': [
    'A signature that names a trusted key does not verify',
    '信頼する鍵の名をもつ署名が正しくありません',
  ],
  'too-few-witnesses': ['Too few witnesses cosigned', '立会人の連署が足りません'],
  // the tree
  'entry-differs-from-tile': [
    'An entry does not hash to its place in the tree',
    '利用記録がハッシュタイルと一致しません',
  ],
  'tile-differs': ['A hash tile does not follow from the entries', 'ハッシュタイルが利用記録から導かれません'],
  'entries-missing': [
    'Entries that the checkpoint covers are not there',
    'チェックポイントに含まれる利用記録がありません',
  ],
  'tile-missing': [
    'A hash tile that the checkpoint covers is not there',
    'チェックポイントに含まれるハッシュタイルがありません',
  ],
  'root-differs': ['The entries do not give the signed root', '利用記録から署名されたルートが得られません'],
  forked: ['The log signed two histories', 'ログが二つの異なる履歴に署名しています'],
  'rolled-back': ['The log is shorter than it was', 'ログが以前より短くなっています'],
  'not-included': ['The entry is not in the log that was signed', '署名されたログにこの利用記録は含まれていません'],
  'receipt-not-in-log': ['The log lacks an entry a receipt was given for', '提供証明のある利用記録がログにありません'],
  // receipts
  'not-a-provision': ['The entry is not a provision', '提供の記録ではありません'],
  'wrong-commitment': ['The detail is not the one committed to', '詳細が記録時のものと一致しません'],
  'wrong-tag': ['The tag is not of this pairwise id', 'タグが仮IDと一致しません'],
  'wrong-pairwise-id': ['The receipt is about somebody else', '別の仮IDについての提供証明です'],
  'key-not-standing': [
    'The checkpoint is signed by a key that does not stand',
    'その時点で有効でない鍵でチェックポイントに署名しています',
  ],
  // what the entries say
  'key-misplaced': ['A key entry contradicts what stands before it', '鍵の記録が先の記録と矛盾しています'],
  'start-misplaced': ['The log does not begin with its one start entry', 'ログが開始記録で始まっていません'],
  'entry-after-close': ['A log goes on after it was closed', '閉じたログに記録が続いています'],
  'previous-differs': [
    'The log does not follow from the one before it',
    '前のログの終わりと新しいログの始まりがつながりません',
  ],
  'not-stated-again': [
    'What stood in the log before is not stated again',
    '前のログで有効だったものが新しいログに引き継がれていません',
  ],
  'time-goes-back': ['An entry is dated before an earlier one', '先の記録より前の日時が付いています'],
  'time-in-future': ['An entry is dated in the future', '未来の日時が付いています'],
  'unknown-organisation': ['An organisation acts before it was registered', '登録前の組織が現れています'],
  'organisation-not-active': ['A suspended or removed organisation acts', '停止中または削除済みの組織が現れています'],
  'unknown-policy': ['A policy is used that was never announced', '公表されていないポリシーが使われています'],
  'program-not-approved': [
    'Residents were asked before the board approved',
    '審査会の承認前に住民へ同意を求めています',
  ],
  'program-not-active': ['Data was provided under a program not active', '有効でないデータ利用計画で提供されています'],
  'provision-after-withdrawal': ['Data was provided after the consent had ended', '同意の終了後に提供されています'],
  'void-without-provision': ['A void names no earlier provision', '取消しの記録に対応する提供がありません'],
  'void-twice': ['A provision was voided twice', '同じ提供が二度取り消されています'],
  'void-differs': ['A void names another recipient or resident than its provision', '取消しと提供の内容が一致しません'],
  'restore-misplaced': [
    'A restore speaks of entries that do not stand before it',
    '復元の記録が前にない記録を指しています',
  ],
  // completeness
  'index-gap': ['A completeness index leaves out entries', '網羅性の索引に抜けている範囲があります'],
  'index-overlap': ['Two completeness indexes cover the same entries', '網羅性の索引の範囲が重なっています'],
  'index-beyond-itself': [
    'A completeness index covers entries after it',
    '網羅性の索引が自分より後の記録を含んでいます',
  ],
  'index-count-differs': ['A completeness index has another number of tags', '網羅性の索引のタグの数が一致しません'],
  'index-root-differs': ['A completeness index does not follow from the log', '網羅性の索引が利用記録から導かれません'],
  'rollup-not-a-month': ['A rollup does not cover one whole month', '月次の索引がひと月分ではありません'],
  'malformed-completeness': ['The completeness file is malformed', '網羅性の証明ファイルの書式が正しくありません'],
  'index-missing': [
    'The indexes shown do not cover the log from its start',
    '示された索引がログの最初から続いていません',
  ],
  'organisation-missing': ['An organisation is left out', '組織が抜けています'],
  'absence-not-proved': ['It is not proved that there is no entry', '記録がないことが証明されていません'],
  'presence-not-proved': ['It is not proved that these are all entries', 'これで全部であることが証明されていません'],
  'entry-hidden': ['An entry about the resident is left out', '本人についての利用記録が抜けています'],
  'not-about-resident': ['An entry is shown that is about somebody else', '本人のものではない利用記録が含まれています'],
} as const satisfies Record<string, readonly [en: string, ja: string]>;

export type FindingCode = keyof typeof findingCodes;

/** One thing a verifier found. `place` names it for a person: `entry 1234`, `tile/0/004`, a file name. */
export interface Finding {
  readonly code: FindingCode;
  readonly place: string;
  /** Index of the entry concerned, where there is one. */
  readonly index?: number;
  readonly message: string;
}

/** Thrown inside verifiers; the outermost ones turn it into a `Finding`. The message names no personal data. */
export class VerificationError extends Error {
  override readonly name = 'VerificationError';

  constructor(
    readonly code: FindingCode,
    detail: string,
    /** The place, where whoever throws knows it better than whoever catches. */
    readonly at: Pick<Finding, 'place' | 'index'> | null = null,
  ) {
    super(`${findingCodes[code][0]}: ${detail}`);
  }
}

/** The finding that an error thrown by a verifier stands for. Anything that is not a `VerificationError` is thrown on. */
export function toFinding(error: unknown, place: string): Finding {
  if (!(error instanceof VerificationError)) throw error;
  return { code: error.code, place, ...error.at, message: error.message };
}
