/** The page to read in an export: a document of its own, without scripts and without anything that it would have to load. */
import { formatNumber, type Language } from '../language.js';
import { InstantWithSeconds } from '../dates.js';
import { renderPage } from '../render.js';
import { dataText } from './data-text.js';

export interface ExportPage {
  readonly language: Language;
  /** Name of the city, in that language. */
  readonly city: string;
  readonly at: Date;
  /** Where the key is published that the manifest is signed with. */
  readonly keysUrl: string;
  /** Of each category: its name, how many records, and those as HTML. */
  readonly sections: readonly { readonly name: string; readonly count: number; readonly html: string }[];
}

const style = `body{font-family:system-ui,sans-serif;line-height:1.7;max-width:48rem;margin:2rem auto;padding:0 1rem}
ol{list-style:none;padding:0}.card{border:1px solid #949494;border-radius:.5rem;padding:1rem;margin:1rem 0}
dl.facts>div{display:grid;grid-template-columns:minmax(8rem,1fr) 2fr;gap:.5rem}dt{font-weight:700}dd{margin:0;overflow-wrap:anywhere}
pre{overflow:auto;background:#f2f2f2;padding:1rem}.card-title{margin:0;font-size:1.1rem}.note{color:#595959;margin:0}`;

/** Stands where the records of a section go: they were rendered before, a few at a time. No name has it in it. */
const gap = '\u{e000}';

export function exportPage({ language, city, at, keysUrl, sections }: ExportPage): string {
  const text = dataText[language];
  const page = renderPage(
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{text.fileTitle}</title>
        <style>{style}</style>
      </head>
      <body>
        <h1>{text.fileTitle}</h1>
        <p>{text.fileLead(city, <InstantWithSeconds at={at} language={language} />)}</p>
        <p>
          <strong>{text.fileCare}</strong>
        </p>
        <p>{text.fileOthers}</p>
        <p>{text.fileSigned(keysUrl)}</p>
        <p>{text.fileLacks}</p>
        {sections.length === 0 && <p>{text.none}</p>}
        {sections.map(({ name, count }, position) => (
          <section key={String(position)}>
            <h2>
              {name} ({text.count(formatNumber(count))})
            </h2>
            {gap}
          </section>
        ))}
      </body>
    </html>,
  );
  // Cut apart before anything is put in: what records hold is nobody's to choose.
  const around = page.split(gap);
  return around.map((part, position) => part + (sections[position]?.html ?? '')).join('');
}
