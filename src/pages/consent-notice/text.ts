/** The words around the notice. The notice itself is the board's: it comes from the policy folder (policies/notices/consent.yaml). */
import { inBothLanguages } from '../language.js';

export const noticeText = inBothLanguages({
  ja: {
    back: '同意の管理に戻る',
    notice: '同意の前に読んでいただきたいこと',
    program: '計画と判断の全文を読む',
    choose: '渡してよいもの',
    chooseLead: '渡してよいものだけに印を付けてください。はじめは、どれにも印が付いていません。',
    item: (category: string, purpose: string) => `${purpose}のために、${category}を渡す`,
    fields: (fields: string) => `項目：${fields}`,
    allFields: '項目：この区分のすべて',
    sensitive: '要配慮個人情報です。',
    give: '同意する',
    refuse: '同意しない',
    nothingChosen: '渡してよいものに印が付いていません',
    nothingChosenDetail:
      '同意する場合は、一つ以上に印を付けてください。何も渡さない場合は「同意しない」を押してください。',
    changed: '内容が変わりました',
    changedDetail: 'ページを開いてから内容が変わりました。もう一度読んでから選んでください。',
    forbidden: 'この計画には同意できません',
    forbiddenDetail: '選ばれたものの中に、ポリシーの規則により同意を受け付けられないものがあります。',
    identified: (name: string) =>
      `この説明は「${name}」です。内容を特定するハッシュ値（SHA-256）を、回答とともに保存します。`,
  },
  en: {
    back: 'Back to my consents',
    notice: 'Please read this before you answer',
    program: 'Read the whole program and the decision',
    choose: 'What may be provided',
    chooseLead: 'Tick only what may be provided. Nothing is ticked to begin with.',
    item: (category, purpose) => `${category}, for: ${purpose}`,
    fields: (fields) => `Fields: ${fields}`,
    allFields: 'Fields: all of this category',
    sensitive: 'This is special care-required personal information.',
    give: 'I consent',
    refuse: 'I do not consent',
    nothingChosen: 'Nothing is ticked',
    nothingChosenDetail: 'To consent, tick at least one item. If nothing may be provided, press “I do not consent”.',
    changed: 'The text has changed',
    changedDetail: 'The text changed after you opened this page. Please read it again and then choose.',
    forbidden: 'You cannot consent to this',
    forbiddenDetail: 'The rules of the policy do not admit a consent to something you ticked.',
    identified: (name) => `This is the notice “${name}”. The hash of its text (SHA-256) is kept with your answer.`,
  },
});
