/** 「だれが・何に使ったか」: the resident's own record of who asked for their data, what for, what was provided and what was refused. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import type { LegalBasis } from '../../policy/program-terms.js';
import { groupByDay } from '../charts.js';
import { DayWithWeekday, formatInstant, TimeOfDay } from '../dates.js';
import { Icon } from '../icons.js';
import { type Bilingual, type Language, type Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { placeText } from '../log-entry/place.js';
import { paths } from '../paths.js';
import { refusalSentence } from '../refusal-text.js';
import { OutcomeBadge } from '../status.js';
import type { Outcome } from '../status-text.js';
import { CategoryChips, type Category } from '../terms.js';
import { Assurance, type AssuranceProps, OwnCheck } from './assurance.js';
import { usesText } from './text.js';
import { Timeline } from './timeline.js';

/** What staff of the operator did, in a way that only the resident can read. */
export interface StaffAct {
  /** Who asked, or tried without. */
  readonly who: Named;
  readonly didAsk: boolean;
  /** Where it was shown. */
  readonly approvedBy: Named | null;
  readonly explanation: string | null;
}

/** One attempt to use this resident's data, as the log has it. */
export interface Use {
  readonly at: Date;
  /** Its number in the database, by which its receipt is asked for. */
  readonly index: number;
  readonly place: EntryPlace;
  readonly outcome: Outcome;
  /** Null: the resident, signed in. A unit of the operator, where staff looked. */
  readonly recipient: Named | null;
  readonly program: { readonly id: string; readonly title: Bilingual } | null;
  readonly purpose: Named | null;
  readonly categories: readonly Category[];
  readonly basis: LegalBasis;
  /** Code of the refusal, when it was refused. */
  readonly reason: string | null;
  /** The entry that took a provision back. */
  readonly voidedBy: EntryPlace | null;
  readonly staff: StaffAct | null;
  readonly hasReceipt: boolean;
  /** False when what only the resident can open of the entry does not open. */
  readonly isReadable: boolean;
}

export interface UsesPageProps extends AssuranceProps {
  readonly frame: Frame;
  /** Newest first, all within the drawing's period. */
  readonly uses: readonly Use[];
  /** Recipients that may use data at present, shown in the drawing though they used none. */
  readonly recipients: readonly Named[];
  /** The day after the last day shown. */
  readonly until: Date;
  readonly weeks: number;
  readonly olderHref: string | null;
  readonly newerHref: string | null;
}

export function UsesPage(props: UsesPageProps) {
  const { frame, uses } = props;
  const { language } = frame;
  const text = usesText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.uses}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack">
          <Assurance {...props} language={language} />
          <Timeline {...props} language={language} />
          <section aria-labelledby="list-heading">
            <div class="section-head">
              <h2 id="list-heading">{text.list}</h2>
              <p>
                <a href={paths.consents}>{text.stop}</a>
              </p>
            </div>
            {uses.length === 0 ? <p class="card">{text.none}</p> : <Days uses={uses} language={language} />}
            <Pages {...props} />
          </section>
          <OwnCheck {...props} language={language} />
        </div>
      </div>
    </Layout>
  );
}

function Days({ uses, language }: { readonly uses: readonly Use[]; readonly language: Language }) {
  const text = usesText[language];
  return (
    <div>
      {groupByDay(uses).map((day) => {
        const [first] = day;
        if (!first) return null;
        return (
          <section key={first.at.toISOString()} class="day">
            <h3>
              <DayWithWeekday at={first.at} language={language} />
              <span class="note">{text.countOfDay(day.length)}</span>
            </h3>
            <ul class="plain-list use-list">
              {day.map((use) => (
                <li key={use.index} class="use">
                  <UseRecord use={use} language={language} />
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}

function UseRecord({ use, language }: { readonly use: Use; readonly language: Language }) {
  const text = usesText[language];
  const who = use.recipient?.name[language] ?? text.self;
  return (
    <>
      <p class="use-when">
        <TimeOfDay at={use.at} />
        <OutcomeBadge outcome={use.outcome} language={language} />
      </p>
      <div class="use-what">
        <p class="use-recipient">{who}</p>
        <p class="use-why">
          {use.purpose && (
            <span>
              <span class="use-label">{use.outcome === 'staff' ? text.staffReason : text.purpose}</span>
              {use.purpose.name[language]}
            </span>
          )}
          {use.program && (
            <span>
              <span class="use-label">{text.program}</span>
              <a href={paths.program(use.program.id)}>{use.program.title[language]}</a>
            </span>
          )}
        </p>
        {use.categories.length > 0 && <CategoryChips categories={use.categories} language={language} />}
        {use.staff && <ByStaff act={use.staff} outcome={use.outcome} language={language} />}
        {use.reason !== null && <p class="use-reason">{refusalSentence(use.reason, language)}</p>}
        {use.voidedBy !== null && <p class="use-reason">{text.voided(placeText(use.voidedBy, language))}</p>}
        {!use.isReadable && <p class="use-reason">{text.unreadable}</p>}
        {use.basis !== 'consent' && <p class="use-reason">{text.bases[use.basis]}</p>}
      </div>
      <p class="use-proof">
        {use.hasReceipt && (
          <a href={paths.useReceipt(use.index)}>
            <Icon name="download" /> {use.recipient && use.outcome !== 'staff' ? text.receipt : text.ownReceipt}
            <span class="visually-hidden">{text.receiptOf(who, formatInstant(use.at, language))}</span>
          </a>
        )}
        <span class="note">{text.logEntry(placeText(use.place, language))}</span>
      </p>
    </>
  );
}

function ByStaff({
  act,
  outcome,
  language,
}: {
  readonly act: StaffAct;
  readonly outcome: Outcome;
  readonly language: Language;
}) {
  const text = usesText[language];
  const { didAsk, approvedBy, explanation } = act;
  const who = act.who.name[language];
  return (
    <>
      <p class="use-reason">
        {outcome === 'staff'
          ? text.staffLooked(who, approvedBy?.name[language] ?? text.staffUnknown)
          : didAsk
            ? text.staffAsked(who)
            : text.staffTried(who)}
      </p>
      {explanation !== null && <p>{text.staffExplanation(explanation)}</p>}
    </>
  );
}

function Pages({ frame, olderHref, newerHref }: UsesPageProps) {
  const text = usesText[frame.language];
  if (olderHref === null && newerHref === null) return null;
  return (
    <nav class="buttons pages" aria-label={text.pages}>
      {newerHref !== null && (
        <a class="button button-line" href={newerHref} rel="prev">
          {text.newer}
        </a>
      )}
      {olderHref !== null && (
        <a class="button button-line" href={olderHref} rel="next">
          {text.older}
        </a>
      )}
    </nav>
  );
}
