/** Everything erased on one page: what goes, what stays and why, what to keep first; one tick and one button. And the page that says it is done. */
import { InstantWithSeconds } from '../dates.js';
import { Failure, PostForm } from '../forms.js';
import { Icon } from '../icons.js';
import { formatNumber, type Language, type Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { placeText } from '../log-entry/place.js';
import { paths } from '../paths.js';
import { erasureText } from './text.js';

/** The form's one field, and what it says when it is ticked. */
export const confirmation = { field: 'confirm', value: 'erase-everything' } as const;

export interface ErasurePageProps {
  readonly frame: Frame;
  /** Records kept, with those that were replaced. */
  readonly records: number;
  readonly consentsInForce: number;
  /** Those who have, or had, a consent. */
  readonly recipients: readonly Named[];
  /** Whether the form came without its tick. */
  readonly isUnconfirmed: boolean;
}

export function ErasurePage({ frame, records, consentsInForce, recipients, isUnconfirmed }: ErasurePageProps) {
  const { language, viewer } = frame;
  const text = erasureText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.records}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.records}>{text.back}</a>
        </p>
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="reading stack">
          {isUnconfirmed && <Failure title={text.unconfirmed}>{text.unconfirmedDetail}</Failure>}
          <section class="card" aria-labelledby="goes-heading">
            <h2 id="goes-heading">{text.goes}</h2>
            <ul>
              <li>{text.records(formatNumber(records))}</li>
              <li>{text.consents(formatNumber(consentsInForce))}</li>
              <li>{text.details}</li>
              <li>{text.keys}</li>
              <li>{text.account}</li>
            </ul>
          </section>
          <Stays recipients={recipients} language={language} />
          <section class="panel panel-waiting" aria-labelledby="first-heading">
            <h2 id="first-heading" class="panel-heading">
              {text.first}
            </h2>
            <p>{text.firstDetail}</p>
            <p>
              <a href={paths.identifierKey} download>
                <Icon name="download" /> {text.keyFile}
              </a>
            </p>
            <p>
              <a href={paths.uses}>{text.usesLink}</a>
            </p>
            <p>{text.stopOnly}</p>
            <p>
              <a href={paths.consents}>{text.consentsLink}</a>
            </p>
          </section>
          <PostForm action={paths.erasure} csrf={viewer?.csrf ?? null} class="stack">
            <label class="choice">
              <input type="checkbox" name={confirmation.field} value={confirmation.value} autocomplete="off" />
              <span class="choice-name">{text.confirm}</span>
            </label>
            <p>
              <button class="button button-large button-stop" type="submit">
                {text.erase}
              </button>
            </p>
          </PostForm>
        </div>
      </div>
    </Layout>
  );
}

function Stays({ recipients, language }: { readonly recipients: readonly Named[]; readonly language: Language }) {
  const text = erasureText[language];
  const names = recipients.map(({ name }) => name[language]).join(language === 'ja' ? '、' : ', ');
  return (
    <section class="card" aria-labelledby="stays-heading">
      <h2 id="stays-heading">{text.stays}</h2>
      <ul>
        <li>{text.law}</li>
        <li>{text.log}</li>
        {recipients.length > 0 && <li>{text.recipients(names)}</li>}
        <li>{text.sources}</li>
      </ul>
    </section>
  );
}

export interface ErasedPageProps {
  /** Of somebody who is signed in no more. */
  readonly frame: Frame;
  readonly erasedAt: Date;
  /** Of the entry, in the log that is open. */
  readonly logIndex: number;
  /** The erasure receipt as a file to keep; null when it was handed out before. */
  readonly receipt: string | null;
  /** Whether the receipt has its proof. */
  readonly isProved: boolean;
}

export function ErasedPage({ frame, erasedAt, logIndex, receipt, isProved }: ErasedPageProps) {
  const { language } = frame;
  const text = erasureText[language];
  const place = placeText({ log: null, index: logIndex }, language);
  return (
    <Layout frame={frame} title={text.doneTitle}>
      <div class="column page-end">
        <div class="page-head">
          <p class="outcome-mark outcome-withdrawn">
            <Icon name="check" />
          </p>
          <h1>{text.doneTitle}</h1>
        </div>
        <div class="reading stack">
          <section class="panel panel-good">
            <p class="panel-title">{text.done(<InstantWithSeconds at={erasedAt} language={language} />)}</p>
            <p>{text.doneDetail}</p>
            <p>{text.entry(place)}</p>
          </section>
          {receipt !== null && (
            <section class="card" aria-labelledby="receipt-heading">
              <h2 id="receipt-heading">{text.receipt}</h2>
              <p>{text.receiptDetail}</p>
              {isProved ? (
                <p>
                  <a href={paths.verify}>{text.verify}</a>
                </p>
              ) : (
                <p class="note">{text.unproved}</p>
              )}
              <p>
                <a
                  class="button button-line"
                  href={`data:application/json;base64,${Buffer.from(receipt).toString('base64')}`}
                  download={`azukari-erasure-${logIndex}.json`}
                >
                  <Icon name="download" /> {text.receiptFile}
                </a>
              </p>
              <div class="field">
                <label for="receipt">{text.receiptText}</label>
                <textarea class="input code" id="receipt" readonly rows={8} spellcheck={false}>
                  {receipt}
                </textarea>
              </div>
            </section>
          )}
        </div>
      </div>
    </Layout>
  );
}
