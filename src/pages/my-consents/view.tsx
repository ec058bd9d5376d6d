/** The resident's consents: a map of them, each one in force with its withdraw button, the programs open to choice, and earlier answers. */
import { Day, Instant, lastDay } from '../dates.js';
import { PostForm } from '../forms.js';
import { Icon } from '../icons.js';
import { listNames, type Language, type Named } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { ConsentBadge } from '../status.js';
import type { ConsentState } from '../status-text.js';
import { Cell, Row, RowHead, Table } from '../tables.js';
import { CategoryChips, Fact } from '../terms.js';
import { ItemWithdrawals } from './item-withdrawals.js';
import { ConsentMap, type MapMark } from './map.js';
import type { Consent, ConsentItem, OpenProgram } from './own-consent.js';
import { consentsText } from './text.js';

export interface ConsentsPageProps {
  readonly frame: Frame;
  /** Every answer, newest first. */
  readonly consents: readonly Consent[];
  readonly open: readonly OpenProgram[];
}

const inForce: readonly ConsentState[] = ['active', 'paused'];

export function ConsentsPage({ frame, consents, open }: ConsentsPageProps) {
  const { language } = frame;
  const text = consentsText[language];
  const current = consents.filter(({ state }) => inForce.includes(state));
  const past = consents.filter(({ state }) => !inForce.includes(state));
  const marks = marksOf(current, past, open);
  return (
    <Layout frame={frame} title={text.title} section={paths.consents}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack">
          {marks.length > 0 && (
            <section aria-labelledby="map-heading">
              <div class="section-head">
                <h2 id="map-heading">{text.map}</h2>
                <p class="note">{text.mapLead}</p>
              </div>
              <ConsentMap marks={marks} language={language} labelledBy="map-heading" />
            </section>
          )}
          <section aria-labelledby="current-heading">
            <div class="section-head">
              <h2 id="current-heading">{text.current}</h2>
            </div>
            {current.length === 0 && <p class="panel">{text.noCurrent}</p>}
            <div class="cards">
              {current.map((consent) => (
                <ConsentCard key={consent.id} consent={consent} frame={frame} />
              ))}
            </div>
          </section>
          <OpenPrograms open={open} language={language} />
          <PastConsents past={past} language={language} />
        </div>
      </div>
    </Layout>
  );
}

/** At each crossing the answer in force, else the program open to choice, else the latest answer that ended. */
function marksOf(
  current: readonly Consent[],
  past: readonly Consent[],
  open: readonly OpenProgram[],
): readonly MapMark[] {
  const marks = new Map<string, MapMark>();
  const put = (
    program: string,
    recipient: Named,
    items: readonly ConsentItem[],
    rest: Pick<MapMark, 'state' | 'href'>,
  ) => {
    for (const { purpose, categories } of items) {
      const key = `${program} ${purpose.code}`;
      if (!marks.has(key)) marks.set(key, { purpose, recipient, categories, ...rest });
    }
  };
  for (const { id, program, recipient, items, state } of current)
    put(program.id, recipient, items, { state, href: `#${id}` });
  for (const { id, recipient, items } of open) put(id, recipient, items, { state: null, href: paths.notice(id) });
  for (const { id, program, recipient, items, state } of past) {
    put(program.id, recipient, items, { state, href: paths.consent(id) });
  }
  return [...marks.values()];
}

function ConsentCard({ consent, frame }: { readonly consent: Consent; readonly frame: Frame }) {
  const { language, viewer } = frame;
  const text = consentsText[language];
  const title = consent.program.title[language];
  return (
    <article class="card consent" id={consent.id} aria-labelledby={`title-${consent.id}`}>
      <p class="over-title">{consent.recipient.name[language]}</p>
      <div class="card-head">
        <h3 id={`title-${consent.id}`}>
          <a href={paths.program(consent.program.id)}>{title}</a>
        </h3>
        <ConsentBadge state={consent.state} language={language} />
      </div>
      {consent.program.isSuspended && (
        <p class="suspended">
          <Icon name="pause" /> {text.suspended}
        </p>
      )}
      <ConsentItems items={consent.items} language={language} />
      <dl class="facts facts-narrow">
        <Fact label={text.givenAt}>
          <Instant at={consent.answeredAt} language={language} />
        </Fact>
        {consent.until && (
          <Fact label={text.until}>
            <Day at={lastDay(consent.until)} language={language} />
          </Fact>
        )}
        {consent.lastUse !== 'unknown' && (
          <Fact label={text.lastUse}>
            {consent.lastUse === 'never' ? text.neverUsed : <Instant at={consent.lastUse} language={language} />}
          </Fact>
        )}
      </dl>
      <PostForm action={paths.withdrawal(consent.id)} csrf={viewer?.csrf ?? null} class="withdraw">
        <button class="button button-stop" type="submit">
          <Icon name="stop" />
          <span>
            {text.withdraw}
            <span class="visually-hidden">{text.withdrawOf(title)}</span>
          </span>
        </button>
        <p class="note">{text.withdrawHint}</p>
      </PostForm>
      <ItemWithdrawals consent={consent} frame={frame} />
      <p>
        <a href={paths.consentReceipt(consent.id)}>
          <Icon name="download" /> {text.receipt}
          <span class="visually-hidden">{text.withdrawOf(title)}</span>
        </a>
      </p>
    </article>
  );
}

export function ConsentItems({
  items,
  language,
}: {
  readonly items: readonly ConsentItem[];
  readonly language: Language;
}) {
  return (
    <ul class="plain-list stack-tight">
      {items.map(({ purpose, categories }) => (
        <li key={purpose.code}>
          <p class="consent-purpose">{purpose.name[language]}</p>
          <CategoryChips categories={categories} language={language} />
        </li>
      ))}
    </ul>
  );
}

function OpenPrograms({ open, language }: { readonly open: readonly OpenProgram[]; readonly language: Language }) {
  const text = consentsText[language];
  return (
    <section aria-labelledby="open-heading">
      <div class="section-head">
        <h2 id="open-heading">{text.open}</h2>
        <p class="note">{open.length === 0 ? text.noOpen : text.openLead}</p>
      </div>
      <div class="cards">
        {open.map((program) => (
          <article key={program.id} class="card" aria-labelledby={`title-${program.id}`}>
            <p class="over-title">{program.recipient.name[language]}</p>
            <h3 id={`title-${program.id}`}>{program.title[language]}</h3>
            <p>{program.explanation[language]}</p>
            <ConsentItems items={program.items} language={language} />
            <p>
              <a class="button button-line" href={paths.notice(program.id)}>
                {text.choose(program.title[language])}
              </a>
            </p>
          </article>
        ))}
      </div>
    </section>
  );
}

function PastConsents({ past, language }: { readonly past: readonly Consent[]; readonly language: Language }) {
  const text = consentsText[language];
  return (
    <section aria-labelledby="past-heading">
      <div class="section-head">
        <h2 id="past-heading">{text.past}</h2>
        {past.length === 0 && <p class="note">{text.noPast}</p>}
      </div>
      {past.length > 0 && (
        <Table
          columns={[text.program, text.recipient, text.purpose, text.state, text.answeredAt, text.endedAt]}
          labelledBy="past-heading"
        >
          {past.map((consent) => (
            <Row key={consent.id}>
              <RowHead>
                <a href={paths.consent(consent.id)}>{consent.program.title[language]}</a>
              </RowHead>
              <Cell label={text.recipient}>{consent.recipient.name[language]}</Cell>
              <Cell label={text.purpose}>
                {listNames(
                  consent.items.map(({ purpose }) => purpose),
                  language,
                )}
              </Cell>
              <Cell label={text.state}>
                <ConsentBadge state={consent.state} language={language} />
              </Cell>
              <Cell label={text.answeredAt}>
                <Instant at={consent.answeredAt} language={language} />
              </Cell>
              <Cell label={text.endedAt}>
                {consent.endedAt ? <Instant at={consent.endedAt} language={language} /> : '—'}
              </Cell>
            </Row>
          ))}
        </Table>
      )}
    </section>
  );
}
