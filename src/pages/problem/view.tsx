/** What a person sees when something cannot be done: what happened and what to do next, in both languages, and nothing about the inside. */
import { codes, type Code } from '../../kernel/errors.js';
import { languages, type Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { problemText } from './text.js';

export interface ProblemPageProps {
  readonly frame: Frame;
  readonly code: Code;
}

export function ProblemPage({ frame, code }: ProblemPageProps) {
  const { language } = frame;
  const text = problemText[language];
  const [status] = codes[code];
  const other = languages.find((each) => each !== language) ?? language;
  return (
    <Layout frame={frame} title={titleOf(code, language)}>
      <div class="column page-end">
        <div class="page-head">
          <p class="over-title">{text.status(status, code)}</p>
          <h1>{titleOf(code, language)}</h1>
          <p class="lead">{adviceFor(status, language)}</p>
        </div>
        <div class="panel prose" lang={other}>
          <p class="panel-title">{titleOf(code, other)}</p>
          <p>{adviceFor(status, other)}</p>
        </div>
        <p class="buttons pages">
          {(status === 401 || status === 403) && (
            <a class="button" href={paths.signIn}>
              {text.signIn}
            </a>
          )}
          <a class="button button-line" href={paths.front}>
            {text.home}
          </a>
        </p>
      </div>
    </Layout>
  );
}

function titleOf(code: Code, language: Language): string {
  const [, english, japanese] = codes[code];
  return language === 'ja' ? japanese : english;
}

function adviceFor(status: number, language: Language): string {
  const { advice, otherMistake, otherFailure } = problemText[language];
  const known: Readonly<Record<number, string>> = advice;
  return known[status] ?? (status < 500 ? otherMistake : otherFailure);
}
