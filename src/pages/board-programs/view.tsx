/** The board's first page: what waits for its decision, with what the machine checks found, then everything else. */
import { startOfDayInJapan } from '../../kernel/clock.js';
import { Day, Instant } from '../dates.js';
import type { Bilingual, Language, Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { Badge, ProgramBadge } from '../status.js';
import type { ProgramStatus } from '../status-text.js';
import { Cell, Row, RowHead, Table } from '../tables.js';
import { CategoryChips, Fact, type Category } from '../terms.js';
import { boardProgramsText } from './text.js';

export interface BoardProgram {
  readonly id: string;
  readonly title: Bilingual;
  readonly recipient: Named;
  readonly categories: readonly Category[];
  readonly status: ProgramStatus;
  readonly submittedAt: Date | null;
  /** `YYYY-MM-DD`. */
  readonly reviewOn: string;
  /** How many machine findings there are. */
  readonly findings: number;
}

export interface BoardProgramsPageProps {
  readonly frame: Frame;
  readonly programs: readonly BoardProgram[];
}

/** The states in which the board has the next word. */
export const waitingStatuses: readonly ProgramStatus[] = ['submitted', 'in_review', 'reexamined'];

export function BoardProgramsPage({ frame, programs }: BoardProgramsPageProps) {
  const { language } = frame;
  const text = boardProgramsText[language];
  const waiting = programs.filter(({ status }) => waitingStatuses.includes(status));
  const others = programs.filter(({ status }) => !waitingStatuses.includes(status));
  return (
    <Layout frame={frame} title={text.title} section={paths.board}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack">
          <section aria-labelledby="waiting-heading">
            <div class="section-head">
              <h2 id="waiting-heading">{text.waiting}</h2>
              {waiting.length > 0 && <p class="note">{text.waitingCount(waiting.length)}</p>}
            </div>
            {waiting.length === 0 && <p class="panel">{text.noWaiting}</p>}
            <div class="cards">
              {waiting.map((program) => (
                <WaitingCard key={program.id} program={program} language={language} />
              ))}
            </div>
          </section>
          <Others programs={others} language={language} />
        </div>
      </div>
    </Layout>
  );
}

function WaitingCard({ program, language }: { readonly program: BoardProgram; readonly language: Language }) {
  const text = boardProgramsText[language];
  return (
    <article class="card card-waiting" aria-labelledby={`title-${program.id}`}>
      <p class="over-title">{program.recipient.name[language]}</p>
      <div class="card-head">
        <h3 id={`title-${program.id}`}>{program.title[language]}</h3>
        <ProgramBadge status={program.status} language={language} />
      </div>
      <CategoryChips categories={program.categories} language={language} />
      <dl class="facts facts-narrow">
        {program.submittedAt && (
          <Fact label={text.submittedAt}>
            <Instant at={program.submittedAt} language={language} />
          </Fact>
        )}
        <Fact label={text.findings}>
          <FindingCounts program={program} language={language} />
        </Fact>
      </dl>
      <p>
        <a class="button" href={paths.review(program.id)}>
          {text.review(program.title[language])}
        </a>
      </p>
    </article>
  );
}

function FindingCounts({ program, language }: { readonly program: BoardProgram; readonly language: Language }) {
  const text = boardProgramsText[language];
  return program.findings === 0 ? (
    <Badge tone="good" icon="check">
      {text.clear}
    </Badge>
  ) : (
    <Badge tone="bad" icon="cross">
      {text.notMet(program.findings)}
    </Badge>
  );
}

function Others({ programs, language }: { readonly programs: readonly BoardProgram[]; readonly language: Language }) {
  const text = boardProgramsText[language];
  return (
    <section aria-labelledby="others-heading">
      <div class="section-head">
        <h2 id="others-heading">{text.others}</h2>
        {programs.length === 0 && <p class="note">{text.noOthers}</p>}
      </div>
      {programs.length > 0 && (
        <Table
          columns={[text.program, text.recipient, text.categories, text.status, text.reviewOn]}
          labelledBy="others-heading"
        >
          {programs.map((program) => (
            <Row key={program.id}>
              <RowHead>
                <a href={paths.review(program.id)}>{program.title[language]}</a>
              </RowHead>
              <Cell label={text.recipient}>{program.recipient.name[language]}</Cell>
              <Cell label={text.categories}>
                <CategoryChips categories={program.categories} language={language} />
              </Cell>
              <Cell label={text.status}>
                <ProgramBadge status={program.status} language={language} />
              </Cell>
              <Cell label={text.reviewOn} class="nowrap">
                <Day at={startOfDayInJapan(program.reviewOn)} language={language} />
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}
