/** The words of the page on which a resident has everything erased, and of the one that says it is done. */
import type { ComponentChildren } from 'preact';
import { inBothLanguages } from '../language.js';

export const erasureText = inBothLanguages({
  ja: {
    title: 'データをすべて消去する',
    lead: 'あなたについて預かっているものを、すべて消去します。消去は元に戻せません。',
    back: '預かっているデータに戻る',
    unconfirmed: '確認の印が付いていません',
    unconfirmedDetail: '消去するときは、元に戻せないことを確かめて印を付けてから、もう一度ボタンを押してください。',
    goes: '消去されるもの',
    records: (count: string) => `預かっているデータ${count}件（差し替えられる前の版を含みます）`,
    consents: (count: string) => `同意と、その控え（有効な同意${count}件は終わり、次の求めから断られます）`,
    details: 'だれが・何に使ったかの、あなただけが読める詳しい内容',
    keys: 'あなた専用の鍵（バックアップに写しが残っていても、読めなくなります）',
    account: 'お名前と、このサービスへのサインイン',
    stays: '残るもの',
    law: '第三者に提供した記録は、個人情報保護法第29条により、原則として3年間保存します。別の鍵で封をし、この目的のほかには使いません。',
    log: '公開の利用記録は残ります。お名前やデータの中身は、はじめから入っていません。消去したことも、お名前を出さずに記録します。',
    recipients: (names: string) =>
      `提供先（${names}）がすでに受け取ったデータは、このサービスからは消せません。消してほしいときは、提供先に直接お申し出ください。`,
    sources: 'データ提供元が持っている元のデータは、そのまま残ります。',
    first: '消去する前に',
    firstDetail:
      'あとから利用記録を自分で確かめたいときは、いま鍵を手元に保存してください。消去したあとは、私たちもお渡しできません。',
    keyFile: 'あなたの鍵をダウンロード',
    usesLink: '使われた記録と、もれがないことの証明を見る',
    stopOnly: 'データの提供を止めるだけなら、消去しなくても、同意を撤回すればすぐに止まります。',
    consentsLink: '同意を確かめる・撤回する',
    confirm: '元に戻せないことを確かめました。すべて消去します。',
    erase: 'すべて消去する',
    doneTitle: '消去しました',
    done: (time: ComponentChildren): ComponentChildren => [time, 'に、あなたについて預かっていたものを消去しました。'],
    doneDetail: 'サインインは終わりました。これからは、どの提供先の求めにも、あなたのデータが渡ることはありません。',
    entry: (place: string) => `消去したことは、${place}に記録されています。`,
    receipt: '消去の控え',
    receiptDetail:
      'この控えで、利用記録のその行があなたの消去の記録であることを、あなただけが示せます。私たちの手元には残りません。必要なときは、いま保存してください。',
    receiptFile: '消去の控えをダウンロード',
    receiptText: '控えの内容',
    verify: 'この控えを確かめる',
    unproved: '利用記録への署名がまだのため、この控えには署名済みの証明が付いていません。消去は済んでいます。',
  },
  en: {
    title: 'Erase everything',
    lead: 'Everything that is kept about you will be erased. It cannot be undone.',
    back: 'Back to what is kept about me',
    unconfirmed: 'The confirmation is not ticked',
    unconfirmedDetail: 'To erase, tick that you know it cannot be undone, and press the button again.',
    goes: 'What is erased',
    records: (count) => `Records of your data: ${count} (earlier versions included)`,
    consents: (count) =>
      `Your consents and their receipts (in force: ${count}; they end, and the next request is refused)`,
    details: 'The details of who used your data and for what, which only you can read',
    keys: 'Your own keys (whatever copy a backup still holds cannot be read any more)',
    account: 'Your name and your way to sign in here',
    stays: 'What stays',
    law: 'Records of provisions to third parties are kept, as a rule for three years (Act on the Protection of Personal Information, article 29). They are sealed under another key and used for nothing else.',
    log: 'The public log stays. It never held your name or your data. That you erased everything is recorded too, without your name.',
    recipients: (names) =>
      `Data that recipients have already received (${names}) cannot be erased from here. Please ask them directly to erase it.`,
    sources: 'The original data that its source keeps stays as it is.',
    first: 'Before you erase',
    firstDetail:
      'If you may want to check the log yourself later, keep your key now. After the erasure we cannot give it to you either.',
    keyFile: 'Download your key',
    usesLink: 'See who used my data, and the proof that nothing is left out',
    stopOnly:
      'If you only want your data to be provided no more, withdraw your consents: that stops it at once, without erasing.',
    consentsLink: 'Check or withdraw consents',
    confirm: 'I know that this cannot be undone. Erase everything.',
    erase: 'Erase everything',
    doneTitle: 'Everything is erased',
    done: (time) => ['What was kept about you was erased on ', time, '.'],
    doneDetail: 'You are signed out. From now on no request of any recipient is answered with your data.',
    entry: (place) => `The erasure is recorded as entry ${place}.`,
    receipt: 'Erasure receipt',
    receiptDetail:
      'With it you, and only you, can show that this line of the log is your erasure. We do not keep it. If you may need it, save it now.',
    receiptFile: 'Download the erasure receipt',
    receiptText: 'What it says',
    verify: 'Check this receipt',
    unproved:
      'The log has not been signed yet, so this receipt is without the proof of that. The erasure itself is done.',
  },
});
