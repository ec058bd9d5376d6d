/** What one of the staff looks at once another has approved it, record by record. */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { InstantWithSeconds } from '../dates.js';
import { formatNumber } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { placeText } from '../log-entry/place.js';
import { Records, type ShownRecord } from '../my-records/data-view.js';
import { paths } from '../paths.js';
import { type Category, CategoryChip } from '../terms.js';
import { staffText } from './text.js';

export interface StaffLookPageProps {
  readonly frame: Frame;
  readonly login: string | null;
  readonly at: Date;
  /** Of the entry that says so. */
  readonly place: EntryPlace;
  readonly categories: readonly {
    readonly category: Category;
    readonly count: number;
    readonly records: readonly ShownRecord[];
  }[];
}

export function StaffLookPage({ frame, login, at, place, categories }: StaffLookPageProps) {
  const { language } = frame;
  const text = staffText[language];
  const title = text.lookTitle(login ?? text.nobody);
  return (
    <Layout frame={frame} title={title} section={paths.staff}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.staff}>{text.back}</a>
        </p>
        <div class="page-head">
          <h1>{title}</h1>
        </div>
        <div class="stack">
          <p class="panel">
            {text.logged(<InstantWithSeconds at={at} language={language} />, placeText(place, language))}
          </p>
          {categories.map(({ category, count, records }) => (
            <section key={category.code} aria-labelledby={`category-${category.code}`} class="stack-tight">
              <h2 id={`category-${category.code}`}>
                <CategoryChip category={category} language={language} />
              </h2>
              {records.length === 0 && <p>{text.noRecords}</p>}
              {count > records.length && <p>{text.newest(formatNumber(records.length), formatNumber(count))}</p>}
              <Records records={records} language={language} level="h3" />
            </section>
          ))}
        </div>
      </div>
    </Layout>
  );
}
