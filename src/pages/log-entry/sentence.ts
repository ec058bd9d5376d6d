/** Turns one log entry into one sentence, with codes replaced by the names people know; an unknown code stays as it is. */
import { formatNumber, type Bilingual, type Language } from '../language.js';
import { refusalSentence } from '../refusal-text.js';
import type { LogLine } from './line.js';
import { entryText } from './text.js';

/** Names of organisations, programs, purposes and categories by code. */
export type Names = Readonly<Record<string, Bilingual>>;

export function entrySentence(line: LogLine, names: Names, language: Language): string {
  const text = entryText[language];
  const name = (code: string): string => (Object.hasOwn(names, code) ? (names[code]?.[language] ?? code) : code);
  switch (line.t) {
    case 'start':
      return text.start(line.origin);
    case 'policy':
      return text.policy(line.policy.slice(0, 12));
    case 'org':
      return text.org[line.kind][line.status](name(line.org));
    case 'program':
      return text.program[line.status](name(line.recipient), name(line.program), line.version);
    case 'consent':
      return text.consent[line.state](name(line.recipient), name(line.program));
    case 'provision': {
      const categories = line.categories.map(name).join(language === 'ja' ? '、' : ', ');
      return text.provision(name(line.recipient), name(line.program), name(line.purpose), categories);
    }
    case 'refusal': {
      const reason = refusalSentence(line.reason, language);
      return line.program === undefined
        ? text.refusal(name(line.recipient), reason)
        : text.refusalOfProgram(name(line.recipient), name(line.program), reason);
    }
    case 'void':
      return text.void(name(line.recipient), formatNumber(line.of), refusalSentence(line.reason, language));
    case 'list':
      return text.list(name(line.recipient), name(line.program), formatNumber(line.count));
    case 'deposit':
      return text.deposit(name(line.source), name(line.category), formatNumber(line.count));
  }
}
