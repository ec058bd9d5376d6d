/** The resident's answers as a map of purposes × recipients: what is open, what is agreed and what is closed, at a glance. */
import { Icon, type IconName } from '../icons.js';
import { listNames, type Language, type Named } from '../language.js';
import { consentLooks, statusText, type ConsentState, type Tone } from '../status-text.js';
import { consentsText } from './text.js';

/** One answer, or the chance to give one, at a crossing of the map. */
export interface MapMark {
  readonly purpose: Named;
  readonly recipient: Named;
  readonly categories: readonly Named[];
  /** Null: not answered yet. */
  readonly state: ConsentState | null;
  readonly href: string;
}

interface MapProps {
  readonly marks: readonly MapMark[];
  readonly language: Language;
  readonly labelledBy: string;
}

export function ConsentMap({ marks, language, labelledBy }: MapProps) {
  const text = consentsText[language];
  const recipients = distinct(marks.map(({ recipient }) => recipient));
  const purposes = distinct(marks.map(({ purpose }) => purpose));
  return (
    <table class="map" role="table" aria-labelledby={labelledBy}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">
            {text.mapPurpose}
          </th>
          {recipients.map(({ code, name }) => (
            <th key={code} role="columnheader" scope="col">
              {name[language]}
            </th>
          ))}
        </tr>
      </thead>
      <tbody role="rowgroup">
        {purposes.map((purpose) => (
          <tr role="row" key={purpose.code}>
            <th role="rowheader" scope="row">
              {purpose.name[language]}
            </th>
            {recipients.map((recipient) => (
              <Crossing
                key={recipient.code}
                marks={marks.filter(
                  (mark) => mark.purpose.code === purpose.code && mark.recipient.code === recipient.code,
                )}
                recipient={recipient}
                language={language}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface CrossingProps {
  readonly marks: readonly MapMark[];
  readonly recipient: Named;
  readonly language: Language;
}

function Crossing({ marks, recipient, language }: CrossingProps) {
  if (marks.length === 0) {
    return (
      <td role="cell" class="map-empty">
        <span class="visually-hidden">{consentsText[language].mapEmpty}</span>
      </td>
    );
  }
  return (
    <td role="cell">
      <span class="map-recipient" aria-hidden="true">
        {recipient.name[language]}
      </span>
      {marks.map((mark) => (
        <Mark key={mark.href} mark={mark} language={language} />
      ))}
    </td>
  );
}

function Mark({ mark, language }: { readonly mark: MapMark; readonly language: Language }) {
  const [tone, icon]: readonly [Tone, IconName] = mark.state === null ? ['waiting', 'plus'] : consentLooks[mark.state];
  const label = mark.state === null ? consentsText[language].mapOpen : statusText[language].consent[mark.state];
  return (
    <a class={`map-mark map-${mark.state === null ? 'open' : tone}`} href={mark.href}>
      <span class="map-state">
        <Icon name={icon} /> {label}
      </span>
      <span class="map-categories">{listNames(mark.categories, language)}</span>
    </a>
  );
}

function distinct(things: readonly Named[]): readonly Named[] {
  return [...new Map(things.map((thing) => [thing.code, thing])).values()];
}
