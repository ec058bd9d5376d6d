/** 「預かっているデータ」: how much of which data is kept about the resident, from whom, and which numbers were taken out before keeping it. */
import { Day, Instant } from '../dates.js';
import { PostForm } from '../forms.js';
import { Icon } from '../icons.js';
import { formatNumber, type Bilingual, type Language, type Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { Cell, Row, RowHead, Table } from '../tables.js';
import { CategoryChip, type Category } from '../terms.js';
import { recordsText } from './text.js';

/** Records of one category from one source. */
export interface HeldRecords {
  readonly category: Category;
  readonly source: Named;
  readonly records: number;
  /** Earlier versions of records that were replaced. */
  readonly superseded: number;
  /** The days that the oldest and the newest record are about, each at its beginning. */
  readonly firstDay: Date;
  readonly lastDay: Date;
  readonly lastDepositedAt: Date;
}

/** Something that was not kept, by kind, category and source. */
export interface TakenOut {
  readonly kind: Named;
  /** The law that forbids keeping it; null when it only could not be examined. */
  readonly ground: Bilingual | null;
  readonly category: Category;
  readonly source: Named;
  readonly occurrences: number;
  readonly lastAt: Date;
}

export interface RecordsPageProps {
  readonly frame: Frame;
  readonly held: readonly HeldRecords[];
  /** Newest first. */
  readonly takenOut: readonly TakenOut[];
}

export function RecordsPage({ frame, held, takenOut }: RecordsPageProps) {
  const { language } = frame;
  const text = recordsText[language];
  return (
    <Layout frame={frame} title={text.title} section={paths.records}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack">
          <div class="panel panel-waiting">
            <p class="panel-title">
              <Icon name="lock" /> {text.sealed}
            </p>
            <p>{text.sealedDetail}</p>
          </div>
          <section aria-labelledby="held-heading">
            <div class="section-head">
              <h2 id="held-heading">{text.held}</h2>
              <p>
                <a href={paths.uses}>{text.uses}</a>
              </p>
            </div>
            {held.length === 0 ? <p class="card">{text.none}</p> : <Held held={held} frame={frame} />}
          </section>
          <section class="card" aria-labelledby="export-heading">
            <h2 id="export-heading">{text.exportHeading}</h2>
            <p>{text.exportDetail}</p>
            <PostForm action={paths.ownExport} csrf={frame.viewer?.csrf ?? null}>
              <button class="button button-line" type="submit">
                <Icon name="download" /> {text.export}
              </button>
            </PostForm>
          </section>
          <section aria-labelledby="taken-out-heading">
            <div class="section-head">
              <h2 id="taken-out-heading">{text.takenOut}</h2>
              <p class="note">{text.takenOutLead}</p>
            </div>
            <div class="card">
              {takenOut.length === 0 ? (
                <p>{text.nothingTakenOut}</p>
              ) : (
                <ul class="plain-list taken-out">
                  {takenOut.map((one) => (
                    <TakenOutItem
                      key={`${one.kind.code} ${one.category.code} ${one.source.code}`}
                      takenOut={one}
                      language={language}
                    />
                  ))}
                </ul>
              )}
            </div>
          </section>
          <p>
            <a href={paths.consents}>{text.consents}</a>
          </p>
          <p>
            <a href={paths.erasure}>{text.erase}</a>
          </p>
        </div>
      </div>
    </Layout>
  );
}

function Held({ held, frame }: { readonly held: readonly HeldRecords[]; readonly frame: Frame }) {
  const { language } = frame;
  const text = recordsText[language];
  return (
    <Table
      columns={[text.category, text.source, text.records, text.days, text.lastDepositedAt, text.inside]}
      labelledBy="held-heading"
    >
      {held.map(({ category, source, records, superseded, firstDay, lastDay, lastDepositedAt }) => (
        <Row key={`${category.code} ${source.code}`}>
          <RowHead>
            <CategoryChip category={category} language={language} />
          </RowHead>
          <Cell label={text.source}>{source.name[language]}</Cell>
          <Cell label={text.records}>
            <span class="nowrap">{text.count(formatNumber(records))}</span>
            {superseded > 0 && <span class="note"> {text.superseded(formatNumber(superseded))}</span>}
          </Cell>
          <Cell label={text.days}>
            {firstDay.getTime() === lastDay.getTime() ? (
              <Day at={firstDay} language={language} />
            ) : (
              text.range(<Day at={firstDay} language={language} />, <Day at={lastDay} language={language} />)
            )}
          </Cell>
          <Cell label={text.lastDepositedAt}>
            <Day at={lastDepositedAt} language={language} />
          </Cell>
          <Cell label={text.inside}>
            <PostForm action={paths.ownData} csrf={frame.viewer?.csrf ?? null}>
              <input type="hidden" name="category" value={category.code} />
              <button class="button button-line nowrap" type="submit">
                {text.look}
                <span class="visually-hidden">{text.lookAt(category.name[language])}</span>
              </button>
            </PostForm>
          </Cell>
        </Row>
      ))}
    </Table>
  );
}

function TakenOutItem({ takenOut, language }: { readonly takenOut: TakenOut; readonly language: Language }) {
  const { kind, ground, category, source, occurrences, lastAt } = takenOut;
  const text = recordsText[language];
  return (
    <li>
      <p>{kind.name[language]}</p>
      <p>{text.foundIn(source.name[language], category.name[language], text.places(occurrences))}</p>
      <p class="note">{ground ? text.ground(ground[language]) : text.uncheckedWhy}</p>
      <p class="note">{text.lastAt(<Instant at={lastAt} language={language} />)}</p>
    </li>
  );
}
