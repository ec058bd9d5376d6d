/** The board's view of the log: its newest entries as sentences, its checkpoint, a verification in the browser, and ways not to rely on us. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import type { Entry } from '../../transparency-log/entry.js';
import { DayAxis, DayColumns, type DayCount } from '../charts.js';
import { Instant } from '../dates.js';
import type { LogState } from '../front/view.js';
import { formatNumber, type Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { entrySentence, type Names } from '../log-entry/sentence.js';
import { placeInTable } from '../log-entry/place.js';
import { entryText } from '../log-entry/text.js';
import { paths } from '../paths.js';
import { LogStopped } from '../status.js';
import { Cell, Row, RowHead, Table } from '../tables.js';
import { Fact } from '../terms.js';
import { boardLogText } from './text.js';
import { OtherWays, Verifier, type ServerWord, type VerifierAddresses } from './verifier.js';

export interface LogEntry {
  /** Its number in the database. */
  readonly index: number;
  readonly place: EntryPlace;
  readonly entry: Entry;
}

export interface BoardLogPageProps {
  readonly frame: Frame;
  readonly log: LogState;
  /** Newest first. */
  readonly entries: readonly LogEntry[];
  readonly names: Names;
  /** Provisions and refusals per day, from the day of `from`. */
  readonly chart: { readonly from: Date; readonly days: number; readonly counts: readonly DayCount[] };
  readonly addresses: VerifierAddresses;
  /** The exact command for a machine of the board's own. */
  readonly verifyCommand: string;
  readonly serverWord: ServerWord | null;
  readonly olderHref: string | null;
  readonly newerHref: string | null;
}

export function BoardLogPage(props: BoardLogPageProps) {
  const { frame, log, addresses, verifyCommand, serverWord } = props;
  const { language } = frame;
  const text = boardLogText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.boardLog} script={addresses.module}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack">
          <div class="two-columns">
            <Verifier addresses={addresses} verifierKey={log.verifierKey} language={language} />
            <div class="stack">
              <CheckpointFacts log={log} language={language} />
              <OtherWays
                verifyCommand={verifyCommand}
                serverWord={serverWord}
                csrf={frame.viewer?.csrf ?? null}
                language={language}
              />
            </div>
          </div>
          <Chart {...props} />
          <Entries {...props} />
        </div>
      </div>
    </Layout>
  );
}

function CheckpointFacts({ log, language }: { readonly log: LogState; readonly language: Language }) {
  const text = boardLogText[language];
  return (
    <section class="stack-tight" aria-labelledby="state-heading">
      <h2 id="state-heading">{text.state}</h2>
      <LogStopped signer={log.signer} language={language} />
      <dl class="facts">
        {log.signer.frozen !== null && (
          <Fact label={text.found}>
            <code>{log.signer.frozen.reason}</code>
          </Fact>
        )}
        <Fact label={text.origin}>
          <code>{log.origin}</code>
        </Fact>
        {log.checkpoint ? (
          <>
            <Fact label={text.size}>{text.entries(formatNumber(log.checkpoint.size))}</Fact>
            <Fact label={text.at}>
              <Instant at={log.checkpoint.at} language={language} />
            </Fact>
            <Fact label={text.root}>
              <code>{log.checkpoint.root}</code>
            </Fact>
          </>
        ) : (
          <Fact label={text.at}>{text.noCheckpoint}</Fact>
        )}
        <Fact label={text.signerSeen}>
          <Instant at={log.signer.seenAt} language={language} />
        </Fact>
      </dl>
    </section>
  );
}

function Chart({ frame, chart }: BoardLogPageProps) {
  const { language } = frame;
  const text = boardLogText[language];
  return (
    <section class="card" aria-labelledby="chart-heading">
      <h2 id="chart-heading">{text.chart(chart.days)}</h2>
      {(['provided', 'refused'] as const).map((kind) => {
        const values = new Map(chart.counts.map((count) => [count.day, count[kind]]));
        const sum = formatNumber([...values.values()].reduce((total, value) => total + value, 0));
        const highest = formatNumber(Math.max(0, ...values.values()));
        return (
          <div key={kind}>
            <h3 class="small-heading">{text.chartKinds[kind](sum)}</h3>
            <DayColumns
              values={values}
              days={chart.days}
              height={kind === 'provided' ? 120 : 70}
              kind={kind}
              label={text.chartLabels[kind](chart.days, sum, highest)}
              highestLabel={text.chartHighest(highest)}
            />
          </div>
        );
      })}
      <DayAxis from={chart.from} days={chart.days} language={language} />
    </section>
  );
}

function Entries({ frame, entries, names, olderHref, newerHref }: BoardLogPageProps) {
  const { language } = frame;
  const text = boardLogText[language];
  return (
    <section aria-labelledby="recent-heading">
      <div class="section-head">
        <h2 id="recent-heading">{text.recent}</h2>
        <p class="note">{entries.length === 0 ? text.none : text.recentLead(formatNumber(entries.length))}</p>
      </div>
      {entries.length > 0 && (
        <Table
          columns={[text.index, text.time, text.kind, text.sentence]}
          labelledBy="recent-heading"
          class="rows rows-dense"
        >
          {entries.map((entry) => (
            <EntryRow key={entry.index} {...entry} names={names} language={language} />
          ))}
        </Table>
      )}
      {(olderHref !== null || newerHref !== null) && (
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
      )}
    </section>
  );
}

interface EntryRowProps extends LogEntry {
  readonly names: Names;
  readonly language: Language;
}

/** The line shown is the entry written again: an entry has one spelling only, so it is the line of the log byte for byte. */
function EntryRow({ index, place, entry, names, language }: EntryRowProps) {
  const text = boardLogText[language];
  return (
    <Row id={`entry-${index}`}>
      <RowHead>{placeInTable(place, language)}</RowHead>
      <Cell label={text.time} class="nowrap">
        <Instant at={new Date(entry.at)} language={language} />
      </Cell>
      <Cell label={text.kind} class="nowrap">
        {entryText[language].kinds[entry.t]}
      </Cell>
      <Cell label={text.sentence} class="sentence-cell">
        <span class="sentence">{entrySentence(entry, names, language)}</span>
        <details class="raw">
          <summary>{text.raw}</summary>
          <code>{JSON.stringify(entry)}</code>
        </details>
      </Cell>
    </Row>
  );
}
