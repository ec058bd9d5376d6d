/** The demonstration's sign-in: choose who to be. It exists only where the city is a demo; signing in through an identity provider is not built yet. */
import { Failure, PostForm } from '../forms.js';
import type { Bilingual, Language } from '../language.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { signInText } from './text.js';

/** Names of the form's fields. */
export const signInFields = { login: 'login', returnTo: 'return_to' } as const;

export interface Account {
  /** What the form sends: a login name of a resident, or the code of a member after `board:`. */
  readonly login: string;
  readonly name: Bilingual;
}

export interface SignInPageProps {
  readonly frame: Frame;
  readonly residents: readonly Account[];
  readonly board: readonly Account[];
  readonly staff: readonly Account[];
  /** A path of this service to go to afterwards. */
  readonly returnTo: string | null;
  readonly hasFailed: boolean;
}

export function SignInPage({ frame, residents, board, staff, returnTo, hasFailed }: SignInPageProps) {
  const { language } = frame;
  const text = signInText[language];
  const rest = { returnTo, csrf: frame.viewer?.csrf ?? null, language };
  return (
    <Layout frame={frame} title={text.title}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{frame.isDemo ? text.demo : text.notDemo}</p>
        </div>
        {hasFailed && (
          <div class="before">
            <Failure title={text.failed}>{text.failedDetail}</Failure>
          </div>
        )}
        {frame.isDemo && (
          <div class="two-columns">
            <Accounts id="residents" title={text.residents} lead={text.residentsLead} accounts={residents} {...rest} />
            <Accounts id="board" title={text.board} lead={text.boardLead} accounts={board} {...rest} />
            <Accounts id="staff" title={text.staff} lead={text.staffLead} accounts={staff} {...rest} />
          </div>
        )}
      </div>
    </Layout>
  );
}

interface AccountsProps {
  readonly id: string;
  readonly title: string;
  readonly lead: string;
  readonly accounts: readonly Account[];
  readonly returnTo: string | null;
  /** Of whoever is signed in already and becomes someone else. */
  readonly csrf: string | null;
  readonly language: Language;
}

function Accounts({ id, title, lead, accounts, returnTo, csrf, language }: AccountsProps) {
  const text = signInText[language];
  return (
    <section class="card" aria-labelledby={`${id}-heading`}>
      <h2 id={`${id}-heading`}>{title}</h2>
      <p class="note">{accounts.length === 0 ? text.none : lead}</p>
      <PostForm action={paths.signIn} csrf={csrf} class="accounts">
        {returnTo !== null && <input type="hidden" name={signInFields.returnTo} value={returnTo} />}
        {accounts.map(({ login, name }) => (
          <button key={login} class="button button-line" type="submit" name={signInFields.login} value={login}>
            {text.as(name[language])}
          </button>
        ))}
      </PostForm>
    </section>
  );
}
