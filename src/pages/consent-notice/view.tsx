/** The page on which a resident answers a program: the notice, then two buttons of equal weight. Refusing takes no more than consenting. */
import { Failure, PostForm } from '../forms.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import type { ProgramDetail } from '../program/view.js';
import { Notice, noticeDigest } from './notice.js';
import { noticeText } from './text.js';

/** Names of the form's fields; `decision` is `give` or `refuse`. */
export const decisionField = 'decision';
export const versionField = 'version';
export const digestField = 'notice';

export interface ConsentNoticePageProps {
  readonly frame: Frame;
  readonly program: ProgramDetail;
  /** Why the last answer was not accepted. */
  readonly failure: 'nothing-chosen' | 'changed' | null;
}

export function ConsentNoticePage({ frame, program, failure }: ConsentNoticePageProps) {
  const { language } = frame;
  const text = noticeText[language];
  return (
    <Layout frame={frame} title={text.title(program.title[language])} section={paths.consents}>
      <div class="column page-end">
        <p class="breadcrumb">
          <a href={paths.consents}>{text.back}</a>
        </p>
        <div class="page-head">
          <h1>{text.title(program.title[language])}</h1>
          <p class="lead">{text.lead(program.recipient.name[language])}</p>
          <p>
            <a href={paths.program(program.id)}>{text.program}</a>
          </p>
        </div>
        <div class="reading stack">
          {failure === 'nothing-chosen' && <Failure title={text.nothingChosen}>{text.nothingChosenDetail}</Failure>}
          {failure === 'changed' && <Failure title={text.changed}>{text.changedDetail}</Failure>}
          <PostForm action={paths.notice(program.id)} csrf={frame.viewer?.csrf ?? null} class="stack">
            <input type="hidden" name={versionField} value={String(program.version)} />
            <input type="hidden" name={digestField} value={noticeDigest({ program, language })} />
            <Notice program={program} language={language} />
            <div class="answers">
              <button class="button button-large button-line" type="submit" name={decisionField} value="give">
                {text.give}
              </button>
              <button class="button button-large button-line" type="submit" name={decisionField} value="refuse">
                {text.refuse}
              </button>
            </div>
          </PostForm>
        </div>
      </div>
    </Layout>
  );
}
