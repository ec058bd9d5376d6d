/** Turns one log entry into one sentence, with codes replaced by the names people know; an unknown code stays as it is. */
import type { Entry } from '../../transparency-log/entry.js';
import { formatNumber, type Bilingual, type Language } from '../language.js';
import { refusalSentence } from '../refusal-text.js';
import { entryText } from './text.js';

/** Names of organisations, programs, purposes and categories by code. */
export type Names = Readonly<Record<string, Bilingual>>;

export function entrySentence(entry: Entry, names: Names, language: Language): string {
  const text = entryText[language];
  const name = (code: string): string => (Object.hasOwn(names, code) ? (names[code]?.[language] ?? code) : code);
  switch (entry.t) {
    case 'start':
      return entry.previous === undefined ? text.start(entry.origin) : text.startAfter(entry.origin, entry.previous);
    case 'close':
      return text.close(entry.next);
    case 'key':
      return text.key[entry.status](entry.key.split('+')[1]!);
    case 'policy':
      return text.policy(entry.policy.slice(0, 12));
    case 'witnesses':
      return text.witnesses(entry.witnesses.slice(0, 12), entry.quorum, formatNumber(entry.limit));
    case 'org':
      return text.org[entry.kind][entry.status](name(entry.org));
    case 'program':
      return text.program[entry.status](name(entry.recipient), name(entry.program), entry.version);
    case 'consent':
      return text.consent[entry.state](name(entry.recipient), name(entry.program));
    case 'provision': {
      const categories = entry.categories.map(name).join(language === 'ja' ? '、' : ', ');
      return text.provision(name(entry.recipient), name(entry.program), name(entry.purpose), categories);
    }
    case 'refusal': {
      const reason = refusalSentence(entry.reason, language);
      return entry.program === undefined
        ? text.refusal(name(entry.recipient), reason)
        : text.refusalOfProgram(name(entry.recipient), name(entry.program), reason);
    }
    case 'void':
      return text.void(name(entry.recipient), formatNumber(entry.of), refusalSentence(entry.reason, language));
    case 'list':
      return text.list(name(entry.recipient), name(entry.program), formatNumber(entry.count));
    case 'deposit':
      return text.deposit(name(entry.source), name(entry.category), formatNumber(entry.count));
    case 'access':
    case 'export':
    case 'erasure':
      return text[entry.t];
    case 'staff': {
      const categories = entry.categories.map(name).join(language === 'ja' ? '、' : ', ');
      return text.staff(name(entry.recipient), categories, name(entry.reason));
    }
    case 'restore':
      return text.restore(formatNumber(entry.from), formatNumber(entry.to - 1));
    case 'index':
    case 'rollup':
      return text[entry.t](formatNumber(entry.from), formatNumber(entry.to - 1));
  }
}
