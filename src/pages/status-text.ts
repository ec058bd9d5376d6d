/** The words for every state a program, a consent or a use can be in; one word for one state on every page. */
import type { ConsentState } from '../consents/consent.entity.js';
import type { ProgramStatus } from '../programs/program.entity.js';
import type { IconName } from './icons.js';
import { inBothLanguages } from './language.js';

/** `void`: an entry was made, but nothing was handed over under it. `access`, `export`: by the resident. `staff`: shown to staff of the operator. */
export type Outcome = 'provided' | 'refused' | 'void' | 'access' | 'export' | 'staff';

export type { ConsentState, ProgramStatus };

/** How a badge looks; the words and the drawing carry the meaning, the tone only supports them. */
export type Tone = 'good' | 'waiting' | 'caution' | 'bad' | 'ended';

export type Look = readonly [tone: Tone, icon: IconName];

export const programLooks: Readonly<Record<ProgramStatus, Look>> = {
  draft: ['ended', 'document'],
  submitted: ['waiting', 'clock'],
  in_review: ['waiting', 'clock'],
  returned: ['caution', 'back'],
  refused: ['bad', 'cross'],
  reexamined: ['waiting', 'clock'],
  approved: ['good', 'shield'],
  active: ['good', 'check'],
  suspended: ['caution', 'pause'],
  retired: ['ended', 'minus'],
};

export const consentLooks: Readonly<Record<ConsentState, Look>> = {
  active: ['good', 'check'],
  paused: ['caution', 'pause'],
  withdrawn: ['ended', 'stop'],
  expired: ['ended', 'minus'],
  superseded: ['ended', 'back'],
  inapplicable: ['ended', 'minus'],
  invalidated: ['bad', 'cross'],
  refused: ['ended', 'cross'],
};

export const outcomeLooks: Readonly<Record<Outcome, Look>> = {
  provided: ['good', 'arrow'],
  refused: ['caution', 'stop'],
  void: ['ended', 'minus'],
  access: ['waiting', 'document'],
  export: ['waiting', 'download'],
  staff: ['caution', 'document'],
};

export const statusText = inBothLanguages({
  ja: {
    program: {
      draft: '作成中',
      submitted: '提出済み',
      in_review: '審査中',
      returned: '差戻し',
      refused: '不承認',
      reexamined: '再審査中',
      approved: '承認済み（開始前）',
      active: '利用中',
      suspended: '停止中',
      retired: '終了',
    } satisfies Record<ProgramStatus, string>,
    log: {
      frozen: '署名と提供を停止中',
      silent: '署名が止まっています',
      silence:
        'この時から、記録への署名を確認できていません。署名が再開するまで、データは提供されません。同意の撤回は、これまでどおりできます。',
      meaning:
        '署名したものと異なる記録が見つかりました。この時から、記録への署名とデータの提供を止めています。同意の撤回は、これまでどおりできます。',
    },
    consent: {
      active: '同意中',
      paused: '一時停止中',
      withdrawn: '撤回済み',
      expired: '期間終了',
      superseded: '新しい同意に更新済み',
      inapplicable: '計画の終了により終了',
      invalidated: 'データ倫理審査会の判断により無効',
      refused: '同意しない',
    } satisfies Record<ConsentState, string>,
    outcome: {
      provided: '提供',
      refused: '断り',
      void: '取消し',
      access: '閲覧',
      export: '取り出し',
      staff: '職員による閲覧',
    } satisfies Record<Outcome, string>,
  },
  en: {
    program: {
      draft: 'Draft',
      submitted: 'Submitted',
      in_review: 'In review',
      returned: 'Returned',
      refused: 'Refused',
      reexamined: 'Under re-examination',
      approved: 'Approved, not begun',
      active: 'Active',
      suspended: 'Suspended',
      retired: 'Retired',
    },
    log: {
      frozen: 'Signing and providing are stopped',
      silent: 'The log is not being signed',
      silence:
        'Since then no signature has been seen. Until the log is signed again, no data is provided. Consents can be withdrawn as before.',
      meaning:
        'Entries were found that are not those that were signed. Since then nothing has been signed and no data provided. Consents can be withdrawn as before.',
    },
    consent: {
      active: 'Consented',
      paused: 'Paused',
      withdrawn: 'Withdrawn',
      expired: 'Ended',
      superseded: 'Replaced by a newer consent',
      inapplicable: 'Ended with the program',
      invalidated: 'Made void by the board',
      refused: 'Not consented',
    },
    outcome: {
      provided: 'Provided',
      refused: 'Refused',
      void: 'Voided',
      access: 'Viewed',
      export: 'Exported',
      staff: 'Staff access',
    },
  },
});
