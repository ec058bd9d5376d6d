/**
 * How far the list of uses can be relied on, never more than has been proved to this resident; and the two files with which they can prove it
 * to themselves, without us.
 */
import type { EntryPlace } from '../../transparency-log/city-logs.js';
import { Instant } from '../dates.js';
import { Icon } from '../icons.js';
import { formatNumber, type Language, type Named } from '../language.js';
import { placeText } from '../log-entry/place.js';
import { paths } from '../paths.js';
import { usesText } from './text.js';

export interface AssuranceProps {
  /** Up to when absence of omissions has been proved to this resident; null when it has not been. */
  readonly completeUpTo: Date | null;
  /** Entries about this resident that stand in a log and not in the list. */
  readonly unlisted: readonly EntryPlace[];
  /** Recipients that know this resident by an id that is not theirs. */
  readonly foreign: readonly Named[];
  /** False when a proof that should be there is missing or wrong. */
  readonly isProved: boolean;
  /** The names of logs that are closed, the oldest first. */
  readonly closedLogs: readonly string[];
  /** When the newest published checkpoint was signed. */
  readonly checkpointAt: Date | null;
}

interface Props extends AssuranceProps {
  readonly language: Language;
}

export function Assurance({ language, completeUpTo, unlisted, foreign, isProved, checkpointAt }: Props) {
  const text = usesText[language];
  if (foreign.length > 0) {
    const names = foreign.map(({ name }) => name[language]).join(language === 'ja' ? '、' : ', ');
    return <Alarm title={text.foreign} detail={text.foreignDetail(names)} />;
  }
  if (unlisted.length > 0) {
    const numbers = unlisted
      .slice(0, 20)
      .map((place) => placeText(place, language))
      .join(language === 'ja' ? '、' : ', ');
    return <Alarm title={text.unlisted(formatNumber(unlisted.length))} detail={text.unlistedDetail(numbers)} />;
  }
  if (!isProved) return <Alarm title={text.unproved} detail={text.unprovedDetail} />;
  if (completeUpTo) {
    return (
      <div class="panel panel-good">
        <p class="panel-title">
          <Icon name="shield" /> {text.complete(<Instant at={completeUpTo} language={language} />)}
        </p>
        <p>{text.completeDetail}</p>
      </div>
    );
  }
  return (
    <div class="panel panel-waiting">
      <p class="panel-title">
        <Icon name="document" />{' '}
        {checkpointAt ? text.signed(<Instant at={checkpointAt} language={language} />) : text.unsigned}
      </p>
      {checkpointAt && <p>{text.signedDetail}</p>}
    </div>
  );
}

function Alarm({ title, detail }: { readonly title: string; readonly detail: string }) {
  return (
    <div class="panel panel-bad" role="alert">
      <p class="panel-title">
        <Icon name="caution" /> {title}
      </p>
      <p>{detail}</p>
    </div>
  );
}

/** The files to take home. The completeness file exists once there is an index. */
export function OwnCheck({
  language,
  completeUpTo,
  closedLogs,
}: Pick<Props, 'language' | 'completeUpTo' | 'closedLogs'>) {
  const text = usesText[language];
  return (
    <section class="card" aria-labelledby="own-check-heading">
      <h2 id="own-check-heading">{text.ownCheck}</h2>
      <p>{text.ownCheckDetail}</p>
      <ul class="plain-list stack">
        {completeUpTo ? (
          <li>
            <a href={paths.completenessFile} download>
              <Icon name="download" /> {text.completenessFile}
            </a>
            <p class="note">{text.completenessFileDetail}</p>
          </li>
        ) : (
          <li class="note">{text.completenessFileLater}</li>
        )}
        {closedLogs.toReversed().map((log) => (
          <li key={log}>
            <a href={paths.completenessFileOf(log)} download>
              <Icon name="download" /> {text.completenessFileOf(log)}
            </a>
          </li>
        ))}
        <li>
          <a href={paths.identifierKey} download>
            <Icon name="download" /> {text.keyFile}
          </a>
          <p class="note">{text.keyFileWarning}</p>
        </li>
      </ul>
      <p class="note">{text.ownCheckLimit}</p>
    </section>
  );
}
