/** One program for everybody to read: what it is for, the terms in plain language, the board's decision with its reasons, the history. */
import { Instant } from '../dates.js';
import { Icon } from '../icons.js';
import type { Bilingual, Language, Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { ProgramBadge } from '../status.js';
import type { ProgramStatus } from '../status-text.js';
import { Fact, TermsFacts, TermsItems, type Terms } from '../terms.js';
import { programText, type ProgramEvent } from './text.js';

export interface ProgramDetail {
  readonly id: string;
  readonly version: number;
  readonly status: ProgramStatus;
  readonly title: Bilingual;
  readonly explanation: Bilingual;
  readonly problem: Bilingual;
  readonly beneficiary: Bilingual;
  readonly target: Bilingual;
  readonly targetYear: number;
  readonly recipient: Named;
  readonly terms: Terms;
  /** Hex SHA-256, as the log has them. */
  readonly termsDigest: string;
  readonly policyDigest: string;
}

export interface Decision {
  readonly outcome: 'approved' | 'returned' | 'refused';
  /** As the board wrote them. */
  readonly reasons: Bilingual;
  readonly conditions: readonly Bilingual[];
  readonly at: Date;
  /** Hex SHA-256 of the decision's record, as the program's entry in the log has it. */
  readonly record: string;
}

export interface HistoryStep {
  readonly event: ProgramEvent;
  readonly version: number;
  readonly at: Date;
  /** Why it was suspended, resumed or ended, as the board wrote it; a decision's reasons stand with the decision. */
  readonly reason: Bilingual | null;
}

export interface ProgramPageProps {
  readonly frame: Frame;
  readonly program: ProgramDetail;
  readonly decision: Decision | null;
  /** Oldest first. */
  readonly history: readonly HistoryStep[];
  /** The id of the answer the resident looking at the page has given to this program. */
  readonly ownConsent: string | null;
}

export function ProgramPage({ frame, program, decision, history, ownConsent }: ProgramPageProps) {
  const { language } = frame;
  const text = programText[language];
  return (
    <Layout frame={frame} title={program.title[language]}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={`${paths.front}#programs`}>{text.back}</a>
        </p>
        <div class="page-head">
          <ProgramTitle program={program} language={language} />
          <p class="lead">{program.explanation[language]}</p>
        </div>
        {frame.viewer?.kind === 'resident' && program.status === 'active' && (
          <Answer program={program.id} ownConsent={ownConsent} language={language} />
        )}
        <div class="main-and-side">
          <ProgramBody program={program} language={language} />
          <div class="stack">
            <DecisionPanel decision={decision} language={language} />
            <History steps={history} language={language} />
          </div>
        </div>
      </div>
    </Layout>
  );
}

export function ProgramTitle({ program, language }: { readonly program: ProgramDetail; readonly language: Language }) {
  const text = programText[language];
  return (
    <>
      <p class="over-title">{text.recipient(program.recipient.name[language])}</p>
      <h1>{program.title[language]}</h1>
      <p class="under-title">
        <ProgramBadge status={program.status} language={language} /> {text.version(program.version)}
      </p>
    </>
  );
}

/** Everything the program says of itself: also read by the board in its review. */
export function ProgramBody({ program, language }: { readonly program: ProgramDetail; readonly language: Language }) {
  const text = programText[language];
  return (
    <div class="stack">
      <section class="stack-tight" aria-labelledby="about-heading">
        <h2 id="about-heading">{text.about}</h2>
        <dl class="facts">
          <Fact label={text.problem}>{program.problem[language]}</Fact>
          <Fact label={text.beneficiary}>{program.beneficiary[language]}</Fact>
          <Fact label={text.target}>{program.target[language]}</Fact>
          <Fact label={text.targetYear}>{text.year(program.targetYear)}</Fact>
        </dl>
      </section>
      <section class="stack-tight" aria-labelledby="data-heading">
        <h2 id="data-heading">{text.data}</h2>
        <TermsItems terms={program.terms} language={language} labelledBy="data-heading" />
      </section>
      <section class="stack-tight" aria-labelledby="terms-heading">
        <h2 id="terms-heading">{text.terms}</h2>
        <TermsFacts terms={program.terms} language={language} />
      </section>
      <section class="stack-tight" aria-labelledby="digests-heading">
        <h2 id="digests-heading">{text.digests}</h2>
        <dl class="facts">
          <Fact label={text.termsDigest}>
            <code>{program.termsDigest}</code>
          </Fact>
          <Fact label={text.policyDigest}>
            <code>{program.policyDigest}</code>
          </Fact>
        </dl>
      </section>
    </div>
  );
}

interface AnswerProps {
  readonly program: string;
  readonly ownConsent: string | null;
  readonly language: Language;
}

function Answer({ program, ownConsent, language }: AnswerProps) {
  const text = programText[language];
  const [sentence, href, label] =
    ownConsent === null
      ? [text.answer, paths.notice(program), text.answerLink]
      : [text.answered, paths.consent(ownConsent), text.answeredLink];
  return (
    <div class="panel panel-waiting panel-action">
      <p>{sentence}</p>
      <p>
        <a class="button" href={href}>
          {label}
        </a>
      </p>
    </div>
  );
}

const decisionLooks = {
  approved: ['good', 'shield'],
  returned: ['caution', 'back'],
  refused: ['bad', 'cross'],
} as const;

export function DecisionPanel({
  decision,
  language,
}: {
  readonly decision: Decision | null;
  readonly language: Language;
}) {
  const text = programText[language];
  if (!decision) {
    return (
      <section class="panel" aria-labelledby="decision-heading">
        <h2 id="decision-heading" class="panel-heading">
          {text.decision}
        </h2>
        <p>{text.noDecision}</p>
      </section>
    );
  }
  const [tone, icon] = decisionLooks[decision.outcome];
  return (
    <section class={`panel panel-${tone}`} aria-labelledby="decision-heading">
      <h2 id="decision-heading" class="panel-heading">
        <Icon name={icon} /> {text.decision}
      </h2>
      <p class="panel-title">{text.decisions[decision.outcome]}</p>
      <h3 class="small-heading">{text.reasons}</h3>
      <p class="as-written">{decision.reasons[language]}</p>
      {decision.conditions.length > 0 && (
        <>
          <h3 class="small-heading">{text.conditions}</h3>
          <ul>
            {decision.conditions.map((condition) => (
              <li key={condition.ja}>{condition[language]}</li>
            ))}
          </ul>
        </>
      )}
      <p class="note">{text.decidedAt(<Instant at={decision.at} language={language} />)}</p>
      <p class="note">
        {text.record}
        <br />
        <code>{decision.record}</code>
      </p>
    </section>
  );
}

function History({ steps, language }: { readonly steps: readonly HistoryStep[]; readonly language: Language }) {
  const text = programText[language];
  return (
    <section aria-labelledby="history-heading">
      <h2 id="history-heading" class="panel-heading">
        {text.history}
      </h2>
      <ol class="history">
        {steps.map((step) => (
          <li key={`${step.event} ${step.at.toISOString()}`}>
            <p class="note">
              <Instant at={step.at} language={language} /> <span class="nowrap">{text.version(step.version)}</span>
            </p>
            <p>{text.historySteps[step.event]}</p>
            {step.reason && (
              <p class="history-reason">
                <span class="use-label">{text.reason}</span>
                <span class="as-written">{step.reason[language]}</span>
              </p>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
