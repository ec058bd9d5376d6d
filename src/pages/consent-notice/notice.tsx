/**
 * The notice a resident is shown before answering (Act on the Protection of Personal Information, articles 21 and 27; ISO/IEC 29184).
 * Its exact text is evidence: it depends on the program and the language alone, so the same props render the same bytes
 * and their SHA-256 can be stored with the consent. Nothing in it is ticked beforehand.
 */
import { sha256, toHex, utf8 } from '../../kernel/bytes.js';
import { listNames, type Language } from '../language.js';
import type { ProgramDetail } from '../program/view.js';
import { renderFragment } from '../render.js';
import { Fact, TermsFacts, type TermsItem } from '../terms.js';
import { noticeText } from './text.js';

/** Name of the checkboxes' field; each value is `itemValue` of one item. */
export const itemField = 'item';

/** How an item of the terms is named in the form: purpose and category codes with a space between. */
export function itemValue(item: TermsItem): string {
  return `${item.purpose.code} ${item.category.code}`;
}

export interface NoticeProps {
  readonly program: ProgramDetail;
  readonly language: Language;
}

/** Hex SHA-256 of the notice exactly as it stands in the page. */
export function noticeDigest(notice: NoticeProps): string {
  return toHex(sha256(utf8(renderFragment(<Notice {...notice} />))));
}

export function Notice({ program, language }: NoticeProps) {
  const text = noticeText[language];
  return (
    <div class="stack notice">
      <section class="stack-tight" aria-labelledby="who-heading">
        <h2 id="who-heading">{text.about}</h2>
        <dl class="facts">
          <Fact label={text.recipient}>{program.recipient.name[language]}</Fact>
          <Fact label={text.explanation}>{program.explanation[language]}</Fact>
          <Fact label={text.problem}>{program.problem[language]}</Fact>
        </dl>
        <p>{text.decisionBy}</p>
      </section>
      <section class="stack-tight" aria-labelledby="know-heading">
        <h2 id="know-heading">{text.know}</h2>
        <ul class="points">
          {Object.entries(text.points).map(([point, sentence]) => (
            <li key={point}>{sentence}</li>
          ))}
        </ul>
      </section>
      <section class="stack-tight" aria-labelledby="terms-heading">
        <h2 id="terms-heading">{text.terms}</h2>
        <TermsFacts terms={program.terms} language={language} />
      </section>
      <fieldset class="choices">
        <legend>
          <h2>{text.choose}</h2>
        </legend>
        {program.terms.items.map((item) => (
          <ItemChoice key={itemValue(item)} item={item} language={language} />
        ))}
      </fieldset>
    </div>
  );
}

function ItemChoice({ item, language }: { readonly item: TermsItem; readonly language: Language }) {
  const text = noticeText[language];
  return (
    <label class="choice">
      <input type="checkbox" name={itemField} value={itemValue(item)} autocomplete="off" />
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
