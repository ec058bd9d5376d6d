/** One program before the board: what the checks and the rules say, everything the program says, and the forms to decide or to suspend. */
import { waitingStatuses } from '../board-programs/view.js';
import { Failure } from '../forms.js';
import type { Bilingual, Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { DecisionPanel, ProgramBody, ProgramTitle, type Decision, type ProgramDetail } from '../program/view.js';
import { Badge } from '../status.js';
import { DecideForm, StatusForm, type Draft } from './review-forms.js';
import { reviewText } from './text.js';

/** What a machine check at submission found: always something that is not met. */
export interface Finding {
  readonly code: string;
  /** Where in the application: `terms.items[0].fields[2]`. */
  readonly path: string;
  readonly message: Bilingual;
}

/** A rule of the policy that decides about a consent to this program. */
export interface RuleSaid {
  readonly rule: string;
  readonly isPermitting: boolean;
  readonly sentence: Bilingual;
}

export const reviewFailures = ['outcome-missing', 'reasons-missing', 'recused', 'conflict'] as const;
export type ReviewFailure = (typeof reviewFailures)[number];

export interface ReviewPageProps {
  readonly frame: Frame;
  readonly program: ProgramDetail;
  readonly findings: readonly Finding[];
  readonly rules: readonly RuleSaid[];
  readonly decision: Decision | null;
  /** Whether the member looking at the page has an interest in the recipient. */
  readonly isRecused: boolean;
  readonly failure: ReviewFailure | null;
  /** What the member had written, shown again after a failure. */
  readonly draft: Draft;
}

export function ReviewPage(props: ReviewPageProps) {
  const { frame, program, findings, rules, decision, failure } = props;
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
            <Rules rules={rules} language={language} />
            <ProgramBody program={program} language={language} />
          </div>
          <div class="stack">
            <Forms {...props} />
            {decision && <DecisionPanel decision={decision} language={language} />}
          </div>
        </div>
      </div>
    </Layout>
  );
}

function Forms({ frame, program, isRecused, draft }: ReviewPageProps) {
  const { language } = frame;
  const form = { program: program.id, version: program.version, csrf: frame.viewer?.csrf ?? null, draft, language };
  if (waitingStatuses.includes(program.status)) {
    return isRecused ? <p class="panel panel-caution">{reviewText[language].recused}</p> : <DecideForm {...form} />;
  }
  if (program.status === 'active') return <StatusForm kind="suspend" {...form} />;
  return program.status === 'suspended' ? <StatusForm kind="resume" {...form} /> : null;
}

function Findings({ findings, language }: { readonly findings: readonly Finding[]; readonly language: Language }) {
  const text = reviewText[language];
  return (
    <section class="stack-tight" aria-labelledby="findings-heading">
      <h2 id="findings-heading">{text.findings}</h2>
      <p>{findings.length === 0 ? text.noFindings : text.findingsLead}</p>
      {findings.length > 0 && (
        <ul class="plain-list findings">
          {findings.map(({ code, path, message }) => (
            <li key={`${code} ${path}`}>
              <Badge tone="bad" icon="cross">
                {text.notMet}
              </Badge>
              <span>
                {message[language]} <code class="note">{path}</code>
              </span>
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Rules({ rules, language }: { readonly rules: readonly RuleSaid[]; readonly language: Language }) {
  const text = reviewText[language];
  if (rules.length === 0) return null;
  return (
    <section class="stack-tight" aria-labelledby="rules-heading">
      <h2 id="rules-heading">{text.rules}</h2>
      <p>{text.rulesLead}</p>
      <ul class="plain-list findings">
        {rules.map(({ rule, isPermitting, sentence }) => (
          <li key={rule}>
            <Badge tone={isPermitting ? 'good' : 'bad'} icon={isPermitting ? 'check' : 'stop'}>
              {isPermitting ? text.permits : text.forbids}
            </Badge>
            <span>
              {sentence[language]} <code class="note">{rule}</code>
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
