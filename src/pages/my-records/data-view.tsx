/** A resident's own records, field by field: as a page, and as the readable part of an export. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { Day, formatInstant, InstantWithSeconds } from '../dates.js';
import { formatNumber, type Bilingual, type Language, type Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { placeText } from '../log-entry/place.js';
import { paths } from '../paths.js';
import { CategoryChip, type Category } from '../terms.js';
import { dataText } from './data-text.js';

export interface ShownRecord {
  readonly category: Category;
  readonly source: Named;
  /** The day that it is about, at its beginning. */
  readonly day: Date;
  /** Another record has taken its place. */
  readonly isReplaced: boolean;
  readonly fields: readonly { readonly name: Bilingual; readonly values: readonly (string | boolean)[] }[];
  /** As it is kept; null where it does not open. */
  readonly json: string | null;
}

export interface ShownData {
  readonly at: Date;
  /** Of the entry that says so. */
  readonly place: EntryPlace;
  /** How many there are of the category. */
  readonly count: number;
  /** The newest of them. */
  readonly records: readonly ShownRecord[];
}

/** One category. */
export function DataPage({ frame, data }: { readonly frame: Frame; readonly data: ShownData }) {
  const { language } = frame;
  const text = dataText[language];
  const category = data.records[0]?.category;
  const title = text.title(category?.name[language] ?? '');
  return (
    <Layout frame={frame} title={title} section={paths.records}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.records}>{text.back}</a>
        </p>
        <div class="page-head">
          <h1>{title}</h1>
          {category && <CategoryChip category={category} language={language} />}
        </div>
        <div class="stack">
          <p class="panel">
            {text.logged(<InstantWithSeconds at={data.at} language={language} />, placeText(data.place, language))}{' '}
            <a href={paths.uses}>{text.uses}</a>
          </p>
          {data.count > data.records.length && (
            <p>{text.newest(formatNumber(data.records.length), formatNumber(data.count))}</p>
          )}
          <Records records={data.records} language={language} />
        </div>
      </div>
    </Layout>
  );
}

interface RecordsProps {
  readonly records: readonly ShownRecord[];
  readonly language: Language;
  /** Of the headings. */
  readonly level?: 'h2' | 'h3';
}

export function Records({ records, language, level: Heading = 'h2' }: RecordsProps) {
  const text = dataText[language];
  return (
    <ol class="plain-list stack">
      {records.map((record, place) => (
        <li key={String(place)} class="card">
          <Heading class="card-title">
            <Day at={record.day} language={language} />
          </Heading>
          <p class="note">
            {text.from(record.source.name[language])}
            {record.isReplaced && ` ${text.replaced}`}
          </p>
          {record.json === null ? <p>{text.unreadable}</p> : <Fields record={record} language={language} />}
        </li>
      ))}
    </ol>
  );
}

function Fields({ record, language }: { readonly record: ShownRecord; readonly language: Language }) {
  const text = dataText[language];
  return (
    <>
      <dl class="facts">
        {record.fields.map(({ name, values }) => (
          <div key={name.en}>
            <dt>{name[language]}</dt>
            <dd>{values.map((value) => read(value, language)).join(text.separator)}</dd>
          </div>
        ))}
      </dl>
      <details>
        <summary>{text.asKept}</summary>
        <pre class="record-json" tabIndex={0}>
          {record.json}
        </pre>
      </details>
    </>
  );
}

const instant = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Instants as people write them; what only looks like one stays as it is. */
function read(value: string | boolean, language: Language): string {
  if (typeof value === 'boolean') return value ? dataText[language].yes : dataText[language].no;
  const at = instant.test(value) ? new Date(value) : null;
  return at && !Number.isNaN(at.getTime()) ? formatInstant(at, language) : value;
}
