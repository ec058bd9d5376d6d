/** One answer of the resident, shown after giving, refusing or withdrawing it: exactly what holds now and since when. */
import { Day, InstantWithSeconds, lastDay } from '../dates.js';
import { Icon, type IconName } from '../icons.js';
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { type Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { placeText } from '../log-entry/place.js';
import { paths } from '../paths.js';
import type { ConsentState } from '../status-text.js';
import { Fact } from '../terms.js';
import { consentsText, consentText } from './text.js';
import type { Consent, ConsentItem } from './own-consent.js';
import { ConsentItems } from './view.js';

export interface ConsentPageProps {
  readonly frame: Frame;
  readonly consent: Consent;
  /** From the program's terms; 0 when the recipient keeps nothing. */
  readonly retentionDays: number;
  /** Index of the newest entry about this answer. */
  readonly logPlace: EntryPlace;
  /** Whether the program is still active, so that the resident may answer anew. */
  readonly isOpen: boolean;
  /** What the consent before this one covered and this one does not: it was withdrawn when this one began. */
  readonly withdrawn: readonly ConsentItem[];
  /** The consent that has taken its place and is in force, if any. */
  readonly current: string | null;
}

type Kind = 'active' | 'withdrawn' | 'refused' | 'replaced' | 'ended';

function kindOf(state: ConsentState): Kind {
  if (state === 'active' || state === 'paused') return 'active';
  if (state === 'withdrawn' || state === 'refused') return state;
  return state === 'superseded' ? 'replaced' : 'ended';
}

const icons: Readonly<Record<Kind, IconName>> = {
  active: 'check',
  withdrawn: 'stop',
  refused: 'cross',
  replaced: 'back',
  ended: 'minus',
};

export function ConsentPage(props: ConsentPageProps) {
  const { frame, consent, logPlace, isOpen } = props;
  const { language } = frame;
  const text = consentText[language];
  const kind = kindOf(consent.state);
  const isNarrowed = kind === 'active' && props.withdrawn.length > 0;
  const title = text.titles[isNarrowed ? 'narrowed' : kind](consent.program.title[language]);
  return (
    <Layout frame={frame} title={title} section={paths.consents}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.consents}>{text.back}</a>
        </p>
        <div class="page-head">
          <p class={`outcome-mark outcome-${kind}`}>
            <Icon name={icons[kind]} />
          </p>
          <h1>{title}</h1>
        </div>
        <div class="stack prose">
          {kind === 'active' && <Withdrawn {...props} />}
          {kind === 'active' && <Holding consent={consent} language={language} />}
          {kind === 'replaced' && <Replaced {...props} />}
          {(kind === 'withdrawn' || kind === 'ended') && <Stopped {...props} />}
          {kind === 'refused' && <p>{text.refused(consent.recipient.name[language])}</p>}
          <p class="note">{text.logEntry(placeText(logPlace, language))}</p>
          <p class="buttons">
            <a class="button button-line" href={paths.consentReceipt(consent.id)}>
              <Icon name="download" /> {consentsText[language].receipt}
            </a>
            {kind !== 'active' && isOpen && (
              <a class="button button-line" href={paths.notice(consent.program.id)}>
                {text.again}
              </a>
            )}
            <a class="button button-line" href={paths.uses}>
              {text.uses}
            </a>
          </p>
        </div>
      </div>
    </Layout>
  );
}

/** Said first when a smaller consent has just begun: what has stopped. */
function Withdrawn({ frame, consent, withdrawn }: ConsentPageProps) {
  const { language } = frame;
  const text = consentText[language];
  if (withdrawn.length === 0) return null;
  return (
    <section class="panel panel-good" aria-labelledby="withdrawn-heading">
      <h2 id="withdrawn-heading" class="panel-heading">
        {text.stopped}
      </h2>
      <p class="panel-title">
        {text.stoppedSince(
          consent.recipient.name[language],
          <InstantWithSeconds at={consent.answeredAt} language={language} />,
        )}
      </p>
      <ConsentItems items={withdrawn} language={language} />
      <p>{text.stoppedPart}</p>
    </section>
  );
}

function Replaced({ frame, consent, current }: ConsentPageProps) {
  const { language } = frame;
  const text = consentText[language];
  return (
    <section class="panel">
      {consent.endedAt && (
        <p class="panel-title">{text.replaced(<InstantWithSeconds at={consent.endedAt} language={language} />)}</p>
      )}
      <ConsentItems items={consent.items} language={language} />
      {current !== null && (
        <p>
          <a href={paths.consent(current)}>{text.toCurrent}</a>
        </p>
      )}
    </section>
  );
}

function Holding({ consent, language }: { readonly consent: Consent; readonly language: Language }) {
  const text = consentText[language];
  return (
    <section class="panel panel-good">
      {consent.until && (
        <p class="panel-title">
          {text.active(consent.recipient.name[language], <Day at={lastDay(consent.until)} language={language} />)}
        </p>
      )}
      {consent.program.isSuspended && <p class="suspended">{consentsText[language].suspended}</p>}
      <ConsentItems items={consent.items} language={language} />
    </section>
  );
}

function Stopped({ frame, consent, retentionDays }: ConsentPageProps) {
  const { language } = frame;
  const text = consentText[language];
  const recipient = consent.recipient.name[language];
  const remains =
    consent.lastUse === 'never'
      ? text.remainsNone
      : retentionDays === 0
        ? text.remainsViewed(recipient)
        : text.remainsStored(recipient, retentionDays);
  return (
    <>
      <section class="panel panel-good" aria-labelledby="stopped-heading">
        <h2 id="stopped-heading" class="panel-heading">
          {text.stopped}
        </h2>
        {consent.endedAt && (
          <p class="panel-title">
            {text.stoppedSince(recipient, <InstantWithSeconds at={consent.endedAt} language={language} />)}
          </p>
        )}
        <ConsentItems items={consent.items} language={language} />
        <p>{text.stoppedEverywhere}</p>
      </section>
      <dl class="facts">
        <Fact label={text.remains}>
          <p>{remains}</p>
          {consent.lastUse !== 'never' && <p>{text.law}</p>}
        </Fact>
      </dl>
    </>
  );
}
