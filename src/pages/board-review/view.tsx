/** One program before the board: what the machine checks found, everything the program says, and the forms to decide or to suspend. */
import { waitingStatuses } from '../board-programs/view.js';
import { Failure, PostForm } from '../forms.js';
import type { Bilingual, Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { DecisionPanel, ProgramBody, ProgramTitle, type Decision, type ProgramDetail } from '../program/view.js';
import { Badge } from '../status.js';
import { reviewText } from './text.js';

/** One result of the checks at submission. */
export interface Finding {
  readonly severity: 'blocks' | 'attention' | 'passed';
  /** Stable name of the check or rule. */
  readonly check: string;
  readonly message: Bilingual;
}

/** Names of the forms' fields; `outcome` is `approve`, `return` or `refuse`. */
export const reviewFields = { outcome: 'outcome', reasonsJa: 'reasons_ja', reasonsEn: 'reasons_en' } as const;

export type ReviewFailure = 'outcome-missing' | 'reasons-missing' | 'conflict';

export interface ReviewPageProps {
  readonly frame: Frame;
  readonly program: ProgramDetail;
  readonly findings: readonly Finding[];
  readonly decision: Decision | null;
  readonly failure: ReviewFailure | null;
  /** What the member had written, shown again after a failure. */
  readonly draft: { readonly outcome: string; readonly reasonsJa: string; readonly reasonsEn: string };
}

export function ReviewPage(props: ReviewPageProps) {
  const { frame, program, findings, decision, failure } = props;
  const { language } = frame;
  const text = reviewText[language];
  return (
    <Layout frame={frame} title={program.title[language]} section={paths.board}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.board}>{text.back}</a>
        </p>
        <div class="page-head">
          <ProgramTitle program={program} language={language} />
          <p class="lead">{program.explanation[language]}</p>
        </div>
        {failure && (
          <div class="before">
            <Failure title={text.failures[failure].title}>{text.failures[failure].detail}</Failure>
          </div>
        )}
        <div class="main-and-side main-and-form">
          <div class="stack">
            <Findings findings={findings} language={language} />
            <ProgramBody program={program} language={language} />
          </div>
          <div class="stack">
            {waitingStatuses.includes(program.status) && <DecideForm {...props} />}
            {decision && <DecisionPanel decision={decision} language={language} />}
            {program.status === 'active' && <SuspendForm {...props} />}
          </div>
        </div>
      </div>
    </Layout>
  );
}

const severityLooks = {
  blocks: ['bad', 'cross'],
  attention: ['caution', 'caution'],
  passed: ['good', 'check'],
} as const;

function Findings({ findings, language }: { readonly findings: readonly Finding[]; readonly language: Language }) {
  const text = reviewText[language];
  return (
    <section class="stack-tight" aria-labelledby="findings-heading">
      <h2 id="findings-heading">{text.findings}</h2>
      <p class="note">{findings.length === 0 ? text.noFindings : text.findingsLead}</p>
      <ul class="plain-list findings">
        {findings.map(({ severity, check, message }) => {
          const [tone, icon] = severityLooks[severity];
          return (
            <li key={check}>
              <Badge tone={tone} icon={icon}>
                {text.severities[severity]}
              </Badge>
              <span>
                {message[language]} <code class="note">{check}</code>
              </span>
            </li>
          );
        })}
      </ul>
    </section>
  );
}

const outcomes = ['approve', 'return', 'refuse'] as const;

function DecideForm({ frame, program, draft }: ReviewPageProps) {
  const text = reviewText[frame.language];
  return (
    <section class="card" aria-labelledby="decide-heading">
      <h2 id="decide-heading">{text.decide}</h2>
      <p class="note">{text.decideLead}</p>
      <PostForm action={paths.decision(program.id)} csrf={frame.viewer?.csrf ?? null} class="stack-tight">
        <fieldset class="choices">
          <legend>{text.outcome}</legend>
          {outcomes.map((outcome) => (
            <label key={outcome} class="choice">
              <input
                type="radio"
                name={reviewFields.outcome}
                value={outcome}
                required
                checked={draft.outcome === outcome}
              />
              <span>
                <span class="choice-name">{text.outcomes[outcome].name}</span>
                <span class="choice-detail">{text.outcomes[outcome].detail}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <ReasonFields draft={draft} language={frame.language} prefix="decide" label={text.reasons} />
        <button class="button button-large" type="submit">
          {text.submit}
        </button>
      </PostForm>
    </section>
  );
}

function SuspendForm({ frame, program, draft }: ReviewPageProps) {
  const text = reviewText[frame.language];
  return (
    <section class="card" aria-labelledby="suspend-heading">
      <h2 id="suspend-heading">{text.suspend}</h2>
      <p>{text.suspendLead}</p>
      <PostForm action={paths.suspension(program.id)} csrf={frame.viewer?.csrf ?? null} class="stack-tight">
        <ReasonFields draft={draft} language={frame.language} prefix="suspend" label={text.suspendReasons} />
        <button class="button button-large button-stop" type="submit">
          {text.suspendSubmit}
        </button>
      </PostForm>
    </section>
  );
}

interface ReasonFieldsProps {
  readonly draft: ReviewPageProps['draft'];
  readonly language: Language;
  readonly prefix: string;
  readonly label: string;
}

function ReasonFields({ draft, language, prefix, label }: ReasonFieldsProps) {
  const text = reviewText[language];
  return (
    <>
      <div class="field">
        <label for={`${prefix}-ja`}>{label}</label>
        <p class="field-hint" id={`${prefix}-ja-hint`}>
          {text.reasonsHint}
        </p>
        <textarea
          class="input"
          id={`${prefix}-ja`}
          name={reviewFields.reasonsJa}
          rows={5}
          required
          maxLength={2000}
          lang="ja"
          aria-describedby={`${prefix}-ja-hint`}
        >
          {draft.reasonsJa}
        </textarea>
      </div>
      <div class="field">
        <label for={`${prefix}-en`}>{text.reasonsEnglish}</label>
        <p class="field-hint" id={`${prefix}-en-hint`}>
          {text.reasonsEnglishHint}
        </p>
        <textarea
          class="input"
          id={`${prefix}-en`}
          name={reviewFields.reasonsEn}
          rows={4}
          maxLength={2000}
          lang="en"
          aria-describedby={`${prefix}-en-hint`}
        >
          {draft.reasonsEn}
        </textarea>
      </div>
    </>
  );
}
