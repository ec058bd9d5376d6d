/** The board's forms about one program: to decide on it, to suspend it, to resume it. Each asks for reasons in both languages. */
import { PostForm } from '../forms.js';
import type { Language } from '../language.js';
import { paths } from '../paths.js';
import { reviewText } from './text.js';

/** Names of the forms' fields; `outcome` is one of {@link outcomes}. */
export const reviewFields = { outcome: 'outcome', reasonsJa: 'reasons_ja', reasonsEn: 'reasons_en' } as const;
export const outcomes = ['approve', 'return', 'refuse'] as const;

/** Longer reasons are not accepted. */
export const reasonsLengthMax = 2000;

/** What has been written so far; empty at first. */
export interface Draft {
  readonly outcome: string;
  readonly reasonsJa: string;
  readonly reasonsEn: string;
}

interface FormProps {
  readonly program: string;
  /** The version that is shown; a decision on another one is refused. */
  readonly version: number;
  readonly csrf: string | null;
  readonly draft: Draft;
  readonly language: Language;
}

export function DecideForm({ program, version, csrf, draft, language }: FormProps) {
  const text = reviewText[language];
  return (
    <section class="card" aria-labelledby="decide-heading">
      <h2 id="decide-heading">{text.decide}</h2>
      <PostForm action={paths.decision(program)} csrf={csrf} class="stack-tight">
        <input type="hidden" name="version" value={version} />
        <fieldset class="choices">
          <legend>{text.outcome}</legend>
          {outcomes.map((outcome) => (
            <label key={outcome} class="choice">
              <input
                type="radio"
                name={reviewFields.outcome}
                value={outcome}
                required
                checked={draft.outcome === outcome}
              />
              <span>
                <span class="choice-name">{text.outcomes[outcome].name}</span>
                <span class="choice-detail">{text.outcomes[outcome].detail}</span>
              </span>
            </label>
          ))}
        </fieldset>
        <Reasons draft={draft} language={language} />
        <button class="button button-large" type="submit">
          {text.submit}
        </button>
      </PostForm>
    </section>
  );
}

const statusForms = {
  suspend: {
    path: paths.suspension,
    title: 'suspend',
    lead: 'suspendLead',
    submit: 'suspendSubmit',
    look: 'button-stop',
  },
  resume: { path: paths.resumption, title: 'resume', lead: 'resumeLead', submit: 'resumeSubmit', look: '' },
} as const;

export function StatusForm({
  kind,
  program,
  csrf,
  draft,
  language,
}: FormProps & { readonly kind: 'suspend' | 'resume' }) {
  const text = reviewText[language];
  const { path, title, lead, submit, look } = statusForms[kind];
  return (
    <section class="card" aria-labelledby="status-heading">
      <h2 id="status-heading">{text[title]}</h2>
      <p>{text[lead]}</p>
      <PostForm action={path(program)} csrf={csrf} class="stack-tight">
        <Reasons draft={draft} language={language} />
        <button class={`button button-large ${look}`} type="submit">
          {text[submit]}
        </button>
        {kind === 'resume' && (
          <>
            <p>{text.retireLead}</p>
            <button class="button button-large button-stop" type="submit" formAction={paths.retirement(program)}>
              {text.retireSubmit}
            </button>
          </>
        )}
      </PostForm>
    </section>
  );
}

function Reasons({ draft, language }: Pick<FormProps, 'draft' | 'language'>) {
  const text = reviewText[language];
  const fields = [
    ['ja', reviewFields.reasonsJa, text.reasons, text.reasonsHint, draft.reasonsJa],
    ['en', reviewFields.reasonsEn, text.reasonsEnglish, text.reasonsEnglishHint, draft.reasonsEn],
  ] as const;
  return (
    <>
      <p class="note">{text.decideLead}</p>
      {fields.map(([lang, name, label, hint, written]) => (
        <div key={name} class="field">
          <label for={name}>{label}</label>
          <p class="field-hint" id={`${name}-hint`}>
            {hint}
          </p>
          <textarea
            class="input"
            id={name}
            name={name}
            rows={4}
            required
            maxLength={reasonsLengthMax}
            lang={lang}
            aria-describedby={`${name}-hint`}
          >
            {written}
          </textarea>
        </div>
      ))}
    </>
  );
}
