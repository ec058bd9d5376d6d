/** What the operator's staff see: a form to ask with, and every request of the last month, with what they may do about it. */
import { explanationLength, type RequestState } from '../../staff/staff-requests.service.js';
import { Instant } from '../dates.js';
import { Failure, PostForm } from '../forms.js';
import type { Language, Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { Badge } from '../status.js';
import type { Look } from '../status-text.js';
import { type Category, CategoryChips } from '../terms.js';
import { type StaffFailure, staffText } from './text.js';

/** Names of the form's fields. */
export const askFields = {
  resident: 'resident',
  category: 'category',
  reason: 'reason',
  explanation: 'explanation',
} as const;

/** What has been written so far; empty at first. */
export interface AskDraft {
  readonly resident: string;
  readonly categories: readonly string[];
  readonly reason: string;
  readonly explanation: string;
}

export interface ShownRequest {
  readonly id: string;
  readonly login: string | null;
  readonly unit: Named;
  readonly categories: readonly Category[];
  readonly reason: Named;
  readonly explanation: string | null;
  readonly askedBy: Named;
  readonly askedAt: Date;
  readonly decidedBy: Named | null;
  readonly decidedAt: Date | null;
  readonly state: RequestState;
  /** Of whoever looks at the page. */
  readonly isOwn: boolean;
  /** Whom and what it is about is not theirs to see. */
  readonly isConcealed: boolean;
}

export interface StaffPageProps {
  readonly frame: Frame;
  readonly categories: readonly Category[];
  readonly reasons: readonly Named[];
  readonly requests: readonly ShownRequest[];
  readonly draft: AskDraft;
  readonly failure: StaffFailure | null;
}

export function StaffPage(props: StaffPageProps) {
  const { frame, requests, failure } = props;
  const { language } = frame;
  const text = staffText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.staff}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        {failure !== null && (
          <div class="before">
            <Failure title={text.failed}>{text.failures[failure]}</Failure>
          </div>
        )}
        <div class="main-and-side main-and-form">
          <section aria-labelledby="requests-heading">
            <div class="section-head">
              <h2 id="requests-heading">{text.list}</h2>
            </div>
            {requests.length === 0 && <p class="card">{text.none}</p>}
            <ul class="plain-list stack">
              {requests.map((request) => (
                <li key={request.id} class="card">
                  <Request request={request} frame={frame} />
                </li>
              ))}
            </ul>
          </section>
          <AskForm {...props} />
        </div>
      </div>
    </Layout>
  );
}

const looks: Readonly<Record<RequestState, Look>> = {
  waiting: ['waiting', 'clock'],
  approved: ['good', 'check'],
  refused: ['bad', 'cross'],
  lapsed: ['ended', 'minus'],
  over: ['ended', 'minus'],
};

function Request({ request, frame }: { readonly request: ShownRequest; readonly frame: Frame }) {
  const { language } = frame;
  const text = staffText[language];
  const { id, login, unit, categories, reason, explanation, askedBy, askedAt, decidedBy, decidedAt } = request;
  const [tone, icon] = looks[request.state];
  return (
    <article class="stack-tight" aria-labelledby={`request-${id}`}>
      <h3 class="card-title" id={`request-${id}`}>
        {request.isConcealed ? text.concealed : text.about(login ?? text.nobody)}
      </h3>
      <p>
        <Badge tone={tone} icon={icon}>
          {text.states[request.state]}
        </Badge>
      </p>
      {categories.length > 0 && <CategoryChips categories={categories} language={language} />}
      <dl class="facts">
        <div>
          <dt>{text.reason}</dt>
          <dd>{reason.name[language]}</dd>
        </div>
        {!request.isConcealed && (
          <div>
            <dt>{text.explanation}</dt>
            <dd>{explanation ?? text.unreadable}</dd>
          </div>
        )}
        <div>
          <dt>{text.askedBy}</dt>
          <dd>
            {unit.name[language]} {text.by(askedBy.name[language], <Instant at={askedAt} language={language} />)}
          </dd>
        </div>
        {decidedBy !== null && decidedAt !== null && (
          <div>
            <dt>{text.decidedBy}</dt>
            <dd>{text.by(decidedBy.name[language], <Instant at={decidedAt} language={language} />)}</dd>
          </div>
        )}
      </dl>
      <Acts request={request} frame={frame} />
    </article>
  );
}

function Acts({ request, frame }: { readonly request: ShownRequest; readonly frame: Frame }) {
  const text = staffText[frame.language];
  const csrf = frame.viewer?.csrf ?? null;
  const { id, state, isOwn } = request;
  const described = `request-${id}`;
  if (state === 'waiting' && isOwn) return <p class="note">{text.waitingForOther}</p>;
  if (state === 'waiting') {
    return (
      <PostForm action={paths.staffDecision(id)} csrf={csrf} class="buttons">
        {request.explanation !== null && (
          <button class="button" type="submit" name="decision" value="approve" aria-describedby={described}>
            {text.approve}
          </button>
        )}
        <button class="button button-line" type="submit" name="decision" value="refuse" aria-describedby={described}>
          {text.refuse}
        </button>
      </PostForm>
    );
  }
  if (state !== 'approved' || !isOwn) return null;
  return (
    <PostForm action={paths.staffLook(id)} csrf={csrf} class="stack-tight">
      <p class="note">{text.lookNote}</p>
      <button class="button" type="submit" aria-describedby={described}>
        {text.look}
      </button>
    </PostForm>
  );
}

function AskForm({ frame, categories, reasons, draft }: StaffPageProps) {
  const { language } = frame;
  const text = staffText[language];
  return (
    <section class="card" aria-labelledby="ask-heading">
      <h2 id="ask-heading">{text.ask}</h2>
      <PostForm action={paths.staff} csrf={frame.viewer?.csrf ?? null} class="stack-tight">
        <div class="field">
          <label for={askFields.resident}>{text.resident}</label>
          <p class="field-hint" id="resident-hint">
            {text.residentHint}
          </p>
          <input
            class="input"
            id={askFields.resident}
            name={askFields.resident}
            value={draft.resident}
            required
            maxLength={200}
            autocomplete="off"
            aria-describedby="resident-hint"
          />
        </div>
        <fieldset class="choices">
          <legend>{text.categories}</legend>
          <p class="field-hint">{text.categoriesHint}</p>
          {categories.map(({ code, name }) => (
            <label key={code} class="choice">
              <input type="checkbox" name={askFields.category} value={code} checked={draft.categories.includes(code)} />
              <span class="choice-name">{name[language]}</span>
            </label>
          ))}
        </fieldset>
        <fieldset class="choices">
          <legend>{text.reason}</legend>
          {reasons.map(({ code, name }) => (
            <label key={code} class="choice">
              <input type="radio" name={askFields.reason} value={code} required checked={draft.reason === code} />
              <span class="choice-name">{name[language]}</span>
            </label>
          ))}
        </fieldset>
        <Explanation draft={draft} language={language} />
        <button class="button button-large" type="submit">
          {text.submit}
        </button>
      </PostForm>
    </section>
  );
}

function Explanation({ draft, language }: { readonly draft: AskDraft; readonly language: Language }) {
  const text = staffText[language];
  return (
    <div class="field">
      <label for={askFields.explanation}>{text.explanation}</label>
      <p class="field-hint" id="explanation-hint">
        {text.explanationHint}
      </p>
      <textarea
        class="input"
        id={askFields.explanation}
        name={askFields.explanation}
        required
        maxLength={explanationLength.max}
        rows={4}
        aria-describedby="explanation-hint"
      >
        {draft.explanation}
      </textarea>
    </div>
  );
}
