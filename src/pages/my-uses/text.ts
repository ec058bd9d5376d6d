/** The words of the resident's page on who used their data. */
import type { ComponentChildren } from 'preact';
import type { LegalBasis } from '../../policy/program-terms.js';
import { inBothLanguages } from '../language.js';

export const usesText = inBothLanguages({
  ja: {
    title: 'だれが・何に使ったか',
    lead: 'あなたのデータを求めた提供先と、その目的の記録です。断った求めも、あなた自身が見たり取り出したりしたことも、運営主体の職員が閲覧したことも残ります。',
    complete: (time: ComponentChildren): ComponentChildren => [time, 'までの利用記録にもれがないことを確認済み'],
    completeDetail: 'この時刻までの利用記録の中に、この一覧に載っていない利用がないことを、計算で確かめました。',
    unlisted: (count: string) => `この一覧にない利用記録が${count}件あります`,
    unlistedDetail: (places: string) =>
      `${places}はあなたについての記録ですが、この一覧に載っていません。データ倫理審査会または運営主体にお知らせください。`,
    foreign: 'あなたのものではない仮IDで登録された提供先があります',
    foreignDetail: (recipients: string) =>
      `${recipients}には、あなたの鍵から作られたものではない仮IDが登録されています。この仮IDでの利用は、もれがないことの証明に入りません。心当たりのない同意があれば撤回し、データ倫理審査会または運営主体にお知らせください。`,
    unproved: 'この一覧にもれがないことを確認できませんでした',
    unprovedDetail:
      'あるはずの証明がないか、正しくありません。しばらくしても変わらないときは、データ倫理審査会または運営主体にお知らせください。',
    ownCheck: '自分で確かめる',
    ownCheckDetail:
      '証明と鍵の2つのファイルがあれば、一覧に載っていない記録があるかどうかを、このサービスを使わずに自分のパソコンで確かめられます（azukari verify subject）。',
    completenessFile: 'もれがないことの証明をダウンロード',
    completenessFileDetail:
      'これまでに登録されたすべての提供先について、あなたの記録とその証明が入っています。お名前やデータの中身は入っていません。索引は毎晩つくられます。それより後の記録は、次の証明に入ります。',
    completenessFileOf: (log: string) => `利用記録「${log}」にもれがないことの証明をダウンロード`,
    completenessFileLater: '証明は、利用記録の最初の索引が作られたあとにダウンロードできます。',
    keyFile: 'あなたの鍵をダウンロード',
    keyFileWarning:
      'この鍵を持つ人は、だれがいつあなたのデータを使ったかを知り、提供先ごとの仮IDをあなたに結び付けることができます。提供先、勤務先、保険会社には渡さないでください。データの中身は、この鍵では読めません。',
    ownCheckLimit:
      '証明のファイルだけでは、提供先そのものが隠されていないことまでは分かりません。利用記録の写しを持つ人に、登録された組織の一覧を確かめてもらえます。',
    signed: (time: ComponentChildren): ComponentChildren => ['利用記録は', time, 'のチェックポイントまで署名済み'],
    signedDetail: 'この時刻までの利用記録は、あとから書き換えると必ず見つかります。',
    unsigned: '利用記録のチェックポイントはまだありません。',
    timeline: (weeks: number) => `この${weeks}週間の提供先ごとの記録`,
    legend: '図の見方',
    legendProvided: '提供した日（丸が大きいほど回数が多い）',
    legendRefused: '断った求めがあった日',
    strip: (recipient: string, provided: number, refused: number) =>
      `${recipient}: 提供${provided}回、断った求め${refused}回。`,
    providedTimes: (count: number) => `提供 ${count}回`,
    refusedTimes: (count: number) => `断り ${count}回`,
    list: '日ごとの記録',
    none: 'この期間に、あなたのデータを求めた提供先はありません。',
    countOfDay: (count: number) => `${count}件`,
    purpose: '利用目的',
    categories: 'データ区分',
    program: '計画',
    basis: '提供の根拠',
    bases: {
      consent: 'あなたの同意に基づく提供です。',
      law: '法令の定めに基づく提供です。',
      special_zone: '国家戦略特別区域の認定に基づく提供です。',
      emergency: '生命または身体を守る緊急の必要に基づく提供です。',
    } satisfies Record<LegalBasis, string>,
    voided: (place: string) => `${place}で取り消されました。データは渡していません。`,
    unreadable:
      'この記録のうち、あなただけが読める詳しい内容を開けませんでした。利用記録に載っている事実だけを表示しています。データ倫理審査会または運営主体にお知らせください。',
    self: 'あなた（本人としてサインインした人）',
    staffReason: '理由',
    staffLooked: (askedBy: string, approvedBy: string) =>
      `職員の${askedBy}さんが申し込み、${approvedBy}さんが承認しました。${askedBy}さんが見た可能性があります。`,
    staffUnknown: '（不明な職員）',
    staffTried: (who: string) => `職員の${who}さんが開こうとしました。`,
    staffAsked: (askedBy: string) => `職員の${askedBy}さんが申し込みました。データは見せていません。`,
    staffExplanation: (explanation: string) => `職員の説明：「${explanation}」`,
    receipt: '提供証明をダウンロード',
    ownReceipt: '控えをダウンロード',
    receiptOf: (recipient: string, time: string) => `（${time}、${recipient}）`,
    logEntry: (place: string) => place,
    older: 'これより前の記録',
    newer: 'これより後の記録',
    pages: '記録の期間',
    stop: '同意を確かめる・撤回する',
  },
  en: {
    title: 'Who used my data, and for what',
    lead: 'Who asked for your data and why. Requests that were refused stay here too, and so does your own looking at it or taking it out, and so does access by staff of the operator.',
    complete: (time) => ['Confirmed that the log up to ', time, ' lists every use without omission'],
    completeDetail: 'A computation has shown that the log up to then holds no use that is missing from this list.',
    unlisted: (count) => `Entries of the log that this list lacks: ${count}`,
    unlistedDetail: (places) =>
      `These entries are about you and are not in this list: ${places}. Please tell the Data Ethics Board or the operator.`,
    foreign: 'A recipient knows you by an id that is not yours',
    foreignDetail: (recipients) =>
      `${recipients} knows you by a pairwise id that is not made from your key. Uses under it are in no proof that your list is complete. Please withdraw any consent you did not give, and tell the Data Ethics Board or the operator.`,
    unproved: 'It could not be confirmed that this list is complete',
    unprovedDetail:
      'A proof that should be there is missing or wrong. If this does not change soon, please tell the Data Ethics Board or the operator.',
    ownCheck: 'Check it yourself',
    ownCheckDetail:
      'With two files, the proof and the key, you can check on your own computer, without this service, that the list is complete (azukari verify subject).',
    completenessFile: 'Download the proof that nothing is left out',
    completenessFileDetail:
      'It holds your entries and their proofs, for every recipient registered so far. It holds neither your name nor your data. The index is made every night; later entries are in the next proof.',
    completenessFileOf: (log) => `Download the proof that your list is complete in the log ${log}`,
    completenessFileLater: 'The proof can be downloaded once the log has been indexed for the first time.',
    keyFile: 'Download your key',
    keyFileWarning:
      'Whoever has this key can learn who used your data and when, and can connect the pairwise ids at all recipients with you. Do not give it to a recipient, an employer or an insurer. It cannot read the data itself.',
    ownCheckLimit:
      'The proof alone cannot show that no recipient was hidden altogether. Whoever keeps a copy of the log can check the list of registered organisations for you.',
    signed: (time) => ['The log is signed up to the checkpoint of ', time],
    signedDetail: 'Any later change to the log up to this time would be found.',
    unsigned: 'There is no checkpoint of the log yet.',
    timeline: (weeks) => `The last ${weeks} weeks, by recipient`,
    legend: 'How to read the picture',
    legendProvided: 'A day on which data was provided (a larger disc for more times)',
    legendRefused: 'A day on which a request was refused',
    strip: (recipient, provided, refused) => `${recipient}: provided: ${provided}, refused: ${refused}.`,
    providedTimes: (count) => `Provided: ${count}`,
    refusedTimes: (count) => `Refused: ${count}`,
    list: 'Day by day',
    none: 'Nobody asked for your data in this period.',
    countOfDay: (count) => (count === 1 ? '1 record' : `${count} records`),
    purpose: 'Purpose',
    categories: 'Categories of data',
    program: 'Program',
    basis: 'Basis',
    bases: {
      consent: 'Provided on the basis of your consent.',
      law: 'Provided on the basis of a law.',
      special_zone: 'Provided on the basis of a National Strategic Special Zone decision.',
      emergency: 'Provided because of an emergency to life or body.',
    },
    voided: (place) => `Voided by entry ${place}. No data was provided.`,
    unreadable:
      'The details of this entry, which only you can read, could not be opened. Only what the log itself says is shown. Please tell the Data Ethics Board or the operator.',
    self: 'You (whoever was signed in here as you)',
    staffReason: 'Reason',
    staffLooked: (askedBy, approvedBy) =>
      `${askedBy} of the staff asked, ${approvedBy} approved it, and ${askedBy} may have seen the data.`,
    staffUnknown: '(nobody on record)',
    staffTried: (who) => `${who} of the staff tried to look.`,
    staffAsked: (askedBy) => `${askedBy} of the staff asked. Nothing was shown.`,
    staffExplanation: (explanation) => `What they wrote: “${explanation}”`,
    receipt: 'Download the provision receipt',
    ownReceipt: 'Download the receipt',
    receiptOf: (recipient, time) => ` (${recipient}, ${time})`,
    logEntry: (place) => `Entry ${place}`,
    older: 'Earlier records',
    newer: 'Later records',
    pages: 'Period of the records',
    stop: 'Check or withdraw consents',
  },
});
