/** The public front page: what the service is, every program with its state, the public counts, and the log as anyone may check it. */
import type { SignerState } from '../../transparency-log/log-store.service.js';
import { Day, Instant, lastDay } from '../dates.js';
import { Icon } from '../icons.js';
import { formatNumber, listNames, type Language, type Named } from '../language.js';
import type { Bilingual } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { LogStopped, ProgramBadge } from '../status.js';
import type { ProgramStatus } from '../status-text.js';
import { Cell, Row, RowHead, Table } from '../tables.js';
import { CategoryChips, Fact, type Category } from '../terms.js';
import { DataFlow } from './data-flow.js';
import { HeroDrawing } from './hero-drawing.js';
import { frontText } from './text.js';

export interface RegisterRow {
  readonly id: string;
  readonly title: Bilingual;
  readonly recipient: Bilingual;
  readonly purposes: readonly Named[];
  readonly categories: readonly Category[];
  readonly status: ProgramStatus;
  /** The instant at which the program ends; the page names the last day before it. */
  readonly until: Date;
}

export interface LogState {
  /** The C2SP log origin. */
  readonly origin: string;
  /** Null until the first checkpoint is published. */
  readonly checkpoint: { readonly size: number; readonly at: Date; /** base64 */ readonly root: string } | null;
  readonly signer: SignerState;
  /** The C2SP verifier key, `name+id+key`. */
  readonly verifierKey: string;
  /** While the key is being changed: the one that will sign no more. */
  readonly outgoingKey: string | null;
  /** Every other key that ever signed, the newest first: receipts of its time verify with it. */
  readonly otherKeys: readonly string[];
  /** Closed logs whose last checkpoint is known, the newest first, with the number of their entries. */
  readonly closed: readonly { readonly name: string; readonly size: number }[];
}

/** Counts over everybody; nothing here can be traced to one resident. */
export interface PublicCounts {
  /** Entries counted, from the first on. */
  readonly counted: number;
  readonly activeConsents: number;
  readonly provisions: number;
  readonly refusals: number;
  readonly withdrawals: number;
  readonly withoutConsent: number;
  /** How often one of the operator's staff may have been shown a resident's data. */
  readonly staff: number;
}

/** The exact commands with which anyone can verify, without a token and without trusting the operator. */
export interface PublicCommands {
  readonly keepCheckpoint: string;
  readonly checkConsistency: string;
  readonly checkReceipt: string;
}

export interface FrontPageProps {
  readonly frame: Frame;
  readonly register: readonly RegisterRow[];
  readonly log: LogState;
  readonly counts: PublicCounts;
  readonly commands: PublicCommands;
}

export function FrontPage({ frame, register, log, counts, commands }: FrontPageProps) {
  const { language } = frame;
  const text = frontText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.front}>
      <Hero frame={frame} />
      <section class="band" aria-labelledby="flow-heading">
        <div class="column stack">
          <h2 id="flow-heading">{text.flow.heading}</h2>
          <figure class="flow-figure">
            <DataFlow language={language} />
            <figcaption class="note">{text.flow.caption}</figcaption>
          </figure>
          <Counts counts={counts} size={log.checkpoint?.size ?? 0} language={language} />
        </div>
      </section>
      <section class="band band-wash" id="programs" aria-labelledby="programs-heading">
        <div class="column">
          <div class="section-head">
            <h2 id="programs-heading">{text.register.heading}</h2>
            <p class="note">{text.register.lead}</p>
          </div>
          <Register register={register} language={language} />
        </div>
      </section>
      <section class="band" id="log" aria-labelledby="log-heading">
        <div class="column two-columns">
          <LogPanel log={log} language={language} />
          <VerifyBox commands={commands} language={language} />
        </div>
      </section>
    </Layout>
  );
}

function Hero({ frame }: { readonly frame: Frame }) {
  const text = frontText[frame.language];
  const [href, label] =
    frame.viewer?.kind === 'resident'
      ? [paths.uses, text.myUses]
      : frame.viewer?.kind === 'board'
        ? [paths.board, text.board]
        : frame.viewer?.kind === 'staff'
          ? [paths.staff, text.staff]
          : [paths.signIn, text.signIn];
  return (
    <div class="hero">
      <div class="column hero-inner">
        <h1>{text.hero}</h1>
        <p class="lead">{text.lead(frame.city[frame.language])}</p>
        <p class="buttons">
          <a class="button button-large" href={href}>
            {label}
          </a>
          <a class="button button-large button-line" href="#programs">
            {text.seePrograms}
          </a>
        </p>
      </div>
      <HeroDrawing />
      <svg class="hero-wave" viewBox="0 0 1440 60" preserveAspectRatio="none" aria-hidden="true" focusable="false">
        <path d="M0 30C180 0 300 0 480 24s300 32 480 8 330-32 480-6v34H0z" />
      </svg>
    </div>
  );
}

interface CountsProps {
  readonly counts: PublicCounts;
  readonly size: number;
  readonly language: Language;
}

function Counts({ counts, size, language }: CountsProps) {
  const text = frontText[language].counts;
  const rows = [
    [text.activeConsents, counts.activeConsents, text.inForce],
    [text.provisions, counts.provisions, text.ever],
    [text.refusals, counts.refusals, text.ever],
    [text.withdrawals, counts.withdrawals, text.ever],
    [text.withoutConsent, counts.withoutConsent, text.ever],
    [text.staff, counts.staff, text.ever],
  ] as const;
  return (
    <section aria-labelledby="counts-heading">
      <h3 id="counts-heading" class="visually-hidden">
        {text.heading}
      </h3>
      <dl class="counts">
        {rows.map(([label, value, period]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>
              <span class="counts-value">{formatNumber(value)}</span>
              <span class="counts-period">{period}</span>
            </dd>
          </div>
        ))}
      </dl>
      {counts.counted < size && <p class="note">{text.notYet(formatNumber(counts.counted), formatNumber(size))}</p>}
    </section>
  );
}

/** What can be used now comes first, what has ended last; within a state, the order given. */
const order: readonly ProgramStatus[] = [
  'active',
  'approved',
  'in_review',
  'submitted',
  'reexamined',
  'suspended',
  'returned',
  'draft',
  'refused',
  'retired',
];

function Register({ register, language }: { readonly register: readonly RegisterRow[]; readonly language: Language }) {
  const text = frontText[language].register;
  if (register.length === 0) return <p>{text.none}</p>;
  const sorted = register.toSorted((left, right) => order.indexOf(left.status) - order.indexOf(right.status));
  const columns = [text.program, text.recipient, text.purposes, text.categories, text.status, text.until];
  return (
    <Table columns={columns} labelledBy="programs-heading" class="rows rows-paper">
      {sorted.map((row) => (
        <Row key={row.id}>
          <RowHead>
            <a href={paths.program(row.id)}>{row.title[language]}</a>
          </RowHead>
          <Cell label={text.recipient}>{row.recipient[language]}</Cell>
          <Cell label={text.purposes}>{listNames(row.purposes, language)}</Cell>
          <Cell label={text.categories}>
            <CategoryChips categories={row.categories} language={language} />
          </Cell>
          <Cell label={text.status}>
            <ProgramBadge status={row.status} language={language} />
          </Cell>
          <Cell label={text.until} class="nowrap">
            <Day at={lastDay(row.until)} language={language} />
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function LogPanel({ log, language }: { readonly log: LogState; readonly language: Language }) {
  const text = frontText[language].log;
  return (
    <div class="stack-tight">
      <h2 id="log-heading">{text.heading}</h2>
      <p class="prose">{text.lead}</p>
      <LogStopped signer={log.signer} language={language} />
      <dl class="facts">
        <Fact label={text.origin}>
          <code>{log.origin}</code>
        </Fact>
        {log.checkpoint ? (
          <>
            <Fact label={text.size}>{text.entries(formatNumber(log.checkpoint.size))}</Fact>
            <Fact label={text.checkpointAt}>
              <Instant at={log.checkpoint.at} language={language} />
            </Fact>
            <Fact label={text.root}>
              <code>{log.checkpoint.root.slice(0, 12)}…</code>
            </Fact>
          </>
        ) : (
          <Fact label={text.checkpointAt}>{text.empty}</Fact>
        )}
        <Fact label={text.key}>
          <code>{log.verifierKey}</code>
        </Fact>
        {log.outgoingKey !== null && (
          <Fact label={text.outgoingKey}>
            <code>{log.outgoingKey}</code>
          </Fact>
        )}
      </dl>
      <p>
        <a href="/log/checkpoint">{text.full}</a>
      </p>
      {log.closed.length > 0 && (
        <p>
          {text.closed}
          {log.closed.map(({ name, size }) => (
            <span key={name}>
              {' '}
              <a href={`/log/${name}/checkpoint`}>{text.closedLog(name, formatNumber(size))}</a>
            </span>
          ))}
        </p>
      )}
    </div>
  );
}

function VerifyBox({ commands, language }: { readonly commands: PublicCommands; readonly language: Language }) {
  const text = frontText[language].verify;
  return (
    <div class="card verify-box">
      <div class="card-head">
        <Icon name="shield" />
        <h3>{text.heading}</h3>
      </div>
      <Command says={text.lead} command={commands.keepCheckpoint} />
      <Command says={text.later} command={commands.checkConsistency} />
      <Command says={text.receipt} command={commands.checkReceipt} />
      <p>
        <a href={paths.verify}>{text.receiptHere}</a>
      </p>
      <p class="note">{text.limit}</p>
    </div>
  );
}

/** A command to copy, named by the sentence before it; in reach of the keyboard because it may scroll. */
export function Command({ says, command }: { readonly says: string; readonly command: string }) {
  return (
    <>
      <p>{says}</p>
      <pre class="command" tabindex={0} aria-label={says}>
        {command}
      </pre>
    </>
  );
}
