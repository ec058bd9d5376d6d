/**
 * The page on which a resident answers a program: the board's notice word for word, every item unticked, and two buttons of equal weight.
 * Refusing takes no more than consenting (Act on the Protection of Personal Information, article 27; ISO/IEC 29184).
 */
import { Failure, PostForm } from '../forms.js';
import { listNames, type Bilingual, type Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import type { TermsItem } from '../terms.js';
import { noticeText } from './text.js';

/** Names of the form's fields; `decision` is `give` or `refuse`, each `item` an `itemValue`, `notice` the hash of the notice shown. */
export const answerFields = { decision: 'decision', item: 'item', notice: 'notice', language: 'language' } as const;

/** How an item of the terms is named in the form, as in the consent itself: purpose, slash, category. */
export function itemValue(item: TermsItem): string {
  return `${item.purpose.code}/${item.category.code}`;
}

/** The notice as it is filled for this program, in the language of the page. */
export interface ShownNotice {
  /** Code and version, `consent/1`. */
  readonly name: string;
  readonly title: string;
  readonly paragraphs: readonly string[];
  /** Hex SHA-256 over exactly this text; kept with the answer. */
  readonly digest: string;
}

export interface ConsentNoticePageProps {
  readonly frame: Frame;
  readonly program: { readonly id: string; readonly title: Bilingual; readonly recipient: Bilingual };
  readonly items: readonly TermsItem[];
  readonly notice: ShownNotice;
  /** Why the last answer was not accepted. */
  readonly failure: 'nothing-chosen' | 'changed' | 'forbidden' | null;
}

export function ConsentNoticePage({ frame, program, items, notice, failure }: ConsentNoticePageProps) {
  const { language } = frame;
  const text = noticeText[language];
  return (
    <Layout frame={frame} title={notice.title} section={paths.consents}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.consents}>{text.back}</a>
        </p>
        <div class="page-head notice-head">
          <p class="over-title">{program.recipient[language]}</p>
          <h1>{notice.title}</h1>
        </div>
        <div class="reading stack">
          {failure === 'nothing-chosen' && <Failure title={text.nothingChosen}>{text.nothingChosenDetail}</Failure>}
          {failure === 'changed' && <Failure title={text.changed}>{text.changedDetail}</Failure>}
          {failure === 'forbidden' && <Failure title={text.forbidden}>{text.forbiddenDetail}</Failure>}
          <section class="card notice" aria-label={text.notice}>
            {notice.paragraphs.map((paragraph) => (
              <p key={paragraph}>{paragraph}</p>
            ))}
            <p>
              <a href={paths.program(program.id)}>{text.program}</a>
            </p>
          </section>
          <AnswerForm frame={frame} program={program.id} items={items} digest={notice.digest} />
          <p class="note">
            {text.identified(notice.name)}
            <br />
            <code>{notice.digest}</code>
          </p>
        </div>
      </div>
    </Layout>
  );
}

interface AnswerFormProps {
  readonly frame: Frame;
  readonly program: string;
  readonly items: readonly TermsItem[];
  readonly digest: string;
}

function AnswerForm({ frame, program, items, digest }: AnswerFormProps) {
  const { language, viewer } = frame;
  const text = noticeText[language];
  const { decision, notice, language: languageField } = answerFields;
  return (
    <PostForm action={paths.notice(program)} csrf={viewer?.csrf ?? null} class="stack">
      <input type="hidden" name={notice} value={digest} />
      <input type="hidden" name={languageField} value={language} />
      <fieldset class="choices" aria-describedby="choose-lead">
        <legend>
          <h2>{text.choose}</h2>
        </legend>
        <p id="choose-lead">{text.chooseLead}</p>
        {items.map((item) => (
          <ItemChoice key={itemValue(item)} item={item} language={language} />
        ))}
      </fieldset>
      <div class="answers">
        <button class="button button-large button-line" type="submit" name={decision} value="give">
          {text.give}
        </button>
        <button class="button button-large button-line" type="submit" name={decision} value="refuse">
          {text.refuse}
        </button>
      </div>
    </PostForm>
  );
}

function ItemChoice({ item, language }: { readonly item: TermsItem; readonly language: Language }) {
  const text = noticeText[language];
  return (
    <label class="choice">
      <input type="checkbox" name={answerFields.item} value={itemValue(item)} autocomplete="off" />
      <span>
        <span class="choice-name">{text.item(item.category.name[language], item.purpose.name[language])}</span>
        <span class="choice-detail">
          {item.fields.length === 0 ? text.allFields : text.fields(listNames(item.fields, language))}
        </span>
        {item.category.isSensitive && <span class="choice-detail choice-sensitive">{text.sensitive}</span>}
      </span>
    </label>
  );
}
