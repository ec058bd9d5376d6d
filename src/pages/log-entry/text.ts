/** Every kind of log entry as a sentence. None names a resident: the log does not know them. */
import type { EntryOf } from '../../transparency-log/entry.js';
import type { EntryKind } from '../../transparency-log/entry-catalogue.js';
import { inBothLanguages } from '../language.js';
import type { ConsentState, ProgramStatus } from '../status-text.js';

type Organisation = EntryOf<'org'>;

type OfProgram = (recipient: string, program: string, version: number) => string;

export const entryText = inBothLanguages({
  ja: {
    kinds: {
      start: '開始',
      key: '鍵',
      org: '組織',
      policy: 'ポリシー',
      witnesses: '立会人',
      program: '計画',
      consent: '同意',
      provision: '提供',
      refusal: '断り',
      void: '取消し',
      list: '一覧',
      deposit: '受入れ',
      access: '本人の閲覧',
      export: '本人による取り出し',
      erasure: '消去',
      staff: '職員による閲覧',
      restore: '復元',
      index: '索引',
      rollup: '月次の索引',
      close: '終了',
    } satisfies Record<EntryKind, string>,
    start: (origin: string) => `利用記録「${origin}」が始まりました。`,
    startAfter: (origin: string, previous: string) => `「${previous}」に続く利用記録「${origin}」が始まりました。`,
    close: (next: string) => `この利用記録はここで終わり、「${next}」に続きます。`,
    key: {
      introduced: (id: string) => `利用記録への署名に、鍵 ${id} も使い始めました。`,
      retired: (id: string) => `利用記録への署名に、鍵 ${id} を使うのをやめました。`,
    } satisfies Record<EntryOf<'key'>['status'], (id: string) => string>,
    policy: (digest: string) => `ポリシーが定められました（ハッシュ値 ${digest}）。`,
    witnesses: (digest: string, quorum: number, minutes: string) =>
      `ログに連署する立会人の方針が定められました（ハッシュ値 ${digest}）。${quorum === 0 ? '連署は求めません。' : `必要な連署は${quorum}者以上、連署がないまま提供を続けるのは${minutes}分までです。`}`,
    org: {
      recipient: {
        registered: (org: string) => `${org}が提供先として登録されました。`,
        suspended: (org: string) => `提供先の${org}が停止されました。`,
        resumed: (org: string) => `提供先の${org}が再開されました。`,
        removed: (org: string) => `提供先の${org}が登録から外されました。`,
      },
      source: {
        registered: (org: string) => `${org}がデータ提供元として登録されました。`,
        suspended: (org: string) => `データ提供元の${org}が停止されました。`,
        resumed: (org: string) => `データ提供元の${org}が再開されました。`,
        removed: (org: string) => `データ提供元の${org}が登録から外されました。`,
      },
      pseudo: {
        registered: (org: string) => `本人の操作を記録するための宛先「${org}」が登録されました。`,
        suspended: (org: string) => `本人の操作を記録するための宛先「${org}」が停止されました。`,
        resumed: (org: string) => `本人の操作を記録するための宛先「${org}」が再開されました。`,
        removed: (org: string) => `本人の操作を記録するための宛先「${org}」が外されました。`,
      },
      unit: {
        registered: (org: string) => `運営主体の部署「${org}」が登録されました。`,
        suspended: (org: string) => `運営主体の部署「${org}」が停止されました。`,
        resumed: (org: string) => `運営主体の部署「${org}」が再開されました。`,
        removed: (org: string) => `運営主体の部署「${org}」が外されました。`,
      },
    } satisfies Record<Organisation['kind'], Record<Organisation['status'], (org: string) => string>>,
    program: {
      draft: (recipient, program, version) => `${recipient}が「${program}」第${version}版を作り始めました。`,
      submitted: (recipient, program, version) => `${recipient}が「${program}」第${version}版を提出しました。`,
      in_review: (recipient, program, version) => `${recipient}の「${program}」第${version}版の審査が始まりました。`,
      returned: (recipient, program, version) => `${recipient}の「${program}」第${version}版が差し戻されました。`,
      refused: (recipient, program, version) => `${recipient}の「${program}」第${version}版は承認されませんでした。`,
      reexamined: (recipient, program, version) => `${recipient}が「${program}」第${version}版の再審査を申し出ました。`,
      approved: (recipient, program, version) => `${recipient}の「${program}」第${version}版が承認されました。`,
      active: (recipient, program, version) => `${recipient}の「${program}」第${version}版が始まりました。`,
      suspended: (recipient, program, version) => `${recipient}の「${program}」第${version}版が停止されました。`,
      retired: (recipient, program, version) => `${recipient}の「${program}」第${version}版が終わりました。`,
    } satisfies Record<ProgramStatus, OfProgram>,
    consent: {
      active: (recipient, program) => `住民1人が、${recipient}の「${program}」に同意しました。`,
      paused: (recipient, program) => `住民1人が、${recipient}の「${program}」への同意を一時停止しました。`,
      withdrawn: (recipient, program) => `住民1人が、${recipient}の「${program}」への同意を撤回しました。`,
      expired: (recipient, program) => `${recipient}の「${program}」への同意1件の期間が終わりました。`,
      superseded: (recipient, program) => `${recipient}の「${program}」への同意1件が新しい同意に置き換わりました。`,
      inapplicable: (recipient, program) => `計画の終了により、${recipient}の「${program}」への同意1件が終わりました。`,
      invalidated: (recipient, program) =>
        `データ倫理審査会が、${recipient}の「${program}」への同意1件を無効にしました。`,
      refused: (_recipient, program) => `住民1人が、「${program}」に同意しないことを選びました。`,
    } satisfies Record<ConsentState, (recipient: string, program: string) => string>,
    provision: (recipient: string, program: string, purpose: string, categories: string) =>
      `「${program}」（${purpose}）のために、住民1人の${categories}を${recipient}に提供しました。`,
    refusal: (recipient: string, reason: string) => `${recipient}の求めを断りました。${reason}`,
    refusalOfProgram: (recipient: string, program: string, reason: string) =>
      `「${program}」のための${recipient}の求めを断りました。${reason}`,
    void: (recipient: string, index: string, reason: string) =>
      `${recipient}への提供として書いた${index}番の記録を取り消しました。${reason}`,
    list: (recipient: string, program: string, count: string) =>
      `「${program}」に同意した${count}人の仮IDの一覧を${recipient}に渡しました。`,
    deposit: (source: string, category: string, count: string) =>
      `${source}から${category}を${count}件受け入れました。`,
    access: '住民1人が、自分のデータの中身を見ました。',
    export: '住民1人が、預けている自分のデータを取り出しました。',
    erasure: '住民1人が、預けていたデータをすべて消去しました。この住民の同意も、すべて終わりました。',
    staff: (unit: string, categories: string, reason: string) =>
      `${unit}の職員が、ほかの職員の承認を受けて、住民1人の${categories}を閲覧できるようにしました（理由：${reason}）。`,
    restore: (from: string, last: string) =>
      `バックアップからの復元により、${from}番から${last}番までの記録を控えから取り込み直しました。その間の同意は無効となり、改めて必要です。`,
    index: (from: string, last: string) =>
      `${from}番から${last}番までの記録の、もれを確かめるための索引が作られました。`,
    rollup: (from: string, last: string) => `${from}番から${last}番までの記録の、ひと月分の索引が作られました。`,
  },
  en: {
    kinds: {
      start: 'Start',
      key: 'Key',
      org: 'Organisation',
      policy: 'Policy',
      witnesses: 'Witnesses',
      program: 'Program',
      consent: 'Consent',
      provision: 'Provision',
      refusal: 'Refusal',
      void: 'Void',
      list: 'List',
      deposit: 'Deposit',
      access: 'Own access',
      export: 'Own export',
      erasure: 'Erasure',
      staff: 'Staff access',
      restore: 'Restore',
      index: 'Index',
      rollup: 'Monthly index',
      close: 'End',
    },
    start: (origin) => `The log “${origin}” began.`,
    startAfter: (origin, previous) => `The log “${origin}” began, after “${previous}”.`,
    close: (next) => `This log ends here and goes on as “${next}”.`,
    key: {
      introduced: (id) => `The key ${id} began to sign the log.`,
      retired: (id) => `The key ${id} ceased to sign the log.`,
    },
    policy: (digest) => `The policy was laid down (hash ${digest}).`,
    witnesses: (digest, quorum, minutes) =>
      `It was laid down who witnesses the log (hash ${digest}). ${quorum === 0 ? 'No cosignatures are asked for.' : `At least ${quorum} have to cosign; without them provisions go on for ${minutes} minutes at most.`}`,
    org: {
      recipient: {
        registered: (org) => `${org} was registered as a recipient.`,
        suspended: (org) => `The recipient ${org} was suspended.`,
        resumed: (org) => `The recipient ${org} was resumed.`,
        removed: (org) => `The recipient ${org} was removed.`,
      },
      source: {
        registered: (org) => `${org} was registered as a source.`,
        suspended: (org) => `The source ${org} was suspended.`,
        resumed: (org) => `The source ${org} was resumed.`,
        removed: (org) => `The source ${org} was removed.`,
      },
      pseudo: {
        registered: (org) => `The addressee “${org}” for residents’ own acts was registered.`,
        suspended: (org) => `The addressee “${org}” for residents’ own acts was suspended.`,
        resumed: (org) => `The addressee “${org}” for residents’ own acts was resumed.`,
        removed: (org) => `The addressee “${org}” for residents’ own acts was removed.`,
      },
      unit: {
        registered: (org) => `The operator’s unit “${org}” was registered.`,
        suspended: (org) => `The operator’s unit “${org}” was suspended.`,
        resumed: (org) => `The operator’s unit “${org}” was resumed.`,
        removed: (org) => `The operator’s unit “${org}” was removed.`,
      },
    },
    program: {
      draft: (recipient, program, version) => `${recipient} began to write “${program}”, version ${version}.`,
      submitted: (recipient, program, version) => `${recipient} submitted “${program}”, version ${version}.`,
      in_review: (recipient, program, version) =>
        `The review of “${program}”, version ${version}, by ${recipient} began.`,
      returned: (recipient, program, version) => `“${program}”, version ${version}, was returned to ${recipient}.`,
      refused: (recipient, program, version) => `“${program}”, version ${version}, by ${recipient} was refused.`,
      reexamined: (recipient, program, version) =>
        `${recipient} asked for re-examination of “${program}”, version ${version}.`,
      approved: (recipient, program, version) => `“${program}”, version ${version}, by ${recipient} was approved.`,
      active: (recipient, program, version) => `“${program}”, version ${version}, by ${recipient} began.`,
      suspended: (recipient, program, version) => `“${program}”, version ${version}, by ${recipient} was suspended.`,
      retired: (recipient, program, version) => `“${program}”, version ${version}, by ${recipient} ended.`,
    },
    consent: {
      active: (recipient, program) => `A resident consented to “${program}” by ${recipient}.`,
      paused: (recipient, program) => `A resident paused a consent to “${program}” by ${recipient}.`,
      withdrawn: (recipient, program) => `A resident withdrew a consent to “${program}” by ${recipient}.`,
      expired: (recipient, program) => `A consent to “${program}” by ${recipient} reached its end.`,
      superseded: (recipient, program) => `A consent to “${program}” by ${recipient} was replaced by a newer one.`,
      inapplicable: (recipient, program) => `A consent to “${program}” by ${recipient} ended with the program.`,
      invalidated: (recipient, program) => `The Data Ethics Board made void a consent to “${program}” by ${recipient}.`,
      refused: (_recipient, program) => `A resident chose not to consent to “${program}”.`,
    },
    provision: (recipient, program, purpose, categories) =>
      `One resident’s data (${categories}) was provided to ${recipient} for “${program}” (${purpose}).`,
    refusal: (recipient, reason) => `A request of ${recipient} was refused. ${reason}`,
    refusalOfProgram: (recipient, program, reason) =>
      `A request of ${recipient} for “${program}” was refused. ${reason}`,
    void: (recipient, index, reason) => `Entry ${index}, a provision to ${recipient}, was voided. ${reason}`,
    list: (recipient, program, count) =>
      `${recipient} received the list of the ${count} pairwise ids that consent to “${program}”.`,
    deposit: (source, category, count) => `${count} records were deposited by ${source}: ${category}.`,
    access: 'A resident viewed data of their own.',
    export: 'A resident exported the data that is kept about them.',
    erasure: 'A resident erased everything that was kept about them, and every consent of theirs ended with it.',
    staff: (unit, categories, reason) =>
      `Staff of ${unit}, allowed by another member of staff, may have been shown one resident’s data (${categories}; reason: ${reason}).`,
    restore: (from, last) =>
      `After a restore from a backup, entries ${from} to ${last} were taken from their copies again. Consents given in them are void and must be given anew.`,
    index: (from, last) => `Entries ${from} to ${last} were indexed, so that omissions can be found.`,
    rollup: (from, last) => `Entries ${from} to ${last}, a whole month, were indexed together.`,
  },
});

/** Where an entry stands; in English it follows the word entry. */
export const placeWords = inBothLanguages({
  ja: {
    ofOpen: (index: string) => `利用記録の${index}番`,
    ofClosed: (log: string, index: string) => `「${log}」の利用記録の${index}番`,
  },
  en: {
    ofOpen: (index) => `${index} of the log`,
    ofClosed: (log, index) => `${index} of log ${log}`,
  },
});
