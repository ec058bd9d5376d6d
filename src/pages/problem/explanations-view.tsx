/** What the codes of problem documents mean, for the person who opens the address in one: in the language of the page, the code beside it. */
import type { ProblemExplanation } from '../../http/failure-answers.js';
import { Layout, type Frame } from '../layout.js';
import { explanationsText } from './text.js';

export interface ExplanationsPageProps {
  readonly frame: Frame;
  readonly problems: readonly ProblemExplanation[];
}

export function ExplanationsPage({ frame, problems }: ExplanationsPageProps) {
  const { language } = frame;
  const text = explanationsText[language];
  return (
    <Layout frame={frame} title={text.title}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="stack reading">
          {problems.map(({ code, status, title, titleJa, explanation, explanationJa }) => (
            <section key={code} class="stack-tight" aria-labelledby={code}>
              <h2 id={code}>{language === 'ja' ? titleJa : title}</h2>
              <p class="note">
                <code>{code}</code> {text.status(status)}
              </p>
              <p>
                <WithCode text={language === 'ja' ? explanationJa : explanation} />
              </p>
            </section>
          ))}
        </div>
      </div>
    </Layout>
  );
}

/** What stands between backticks is code. */
function WithCode({ text }: { readonly text: string }) {
  return <>{text.split('`').map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}</>;
}
