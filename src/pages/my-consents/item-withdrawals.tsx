/** Withdrawing one kind of data and leaving the rest: one form with one button for each, folded away below the button that withdraws all. */
import { PostForm } from '../forms.js';
import type { Frame } from '../layout.js';
import { paths } from '../paths.js';
import { consentsText } from './text.js';
import type { Consent } from './own-consent.js';

/** Name of the form's field: `purpose/category`. */
export const itemField = 'item';

export function ItemWithdrawals({ consent, frame }: { readonly consent: Consent; readonly frame: Frame }) {
  const { language, viewer } = frame;
  const text = consentsText[language];
  const items = consent.items.flatMap(({ purpose, categories }) =>
    categories.map((category) => ({ purpose, category, value: `${purpose.code}/${category.code}` })),
  );
  // The last one is withdrawn by withdrawing the consent.
  if (items.length < 2) return null;
  return (
    <details class="part">
      <summary>
        {text.withdrawPart}
        <span class="visually-hidden">{text.withdrawOf(consent.program.title[language])}</span>
      </summary>
      <ul class="plain-list stack-tight">
        {items.map(({ purpose, category, value }) => (
          <li key={value}>
            <PostForm action={paths.itemWithdrawal(consent.id)} csrf={viewer?.csrf ?? null}>
              <input type="hidden" name={itemField} value={value} />
              <button class="button button-stop" type="submit">
                {text.withdrawItem(category.name[language])}
                <span class="visually-hidden">{text.withdrawOf(purpose.name[language])}</span>
              </button>
            </PostForm>
          </li>
        ))}
      </ul>
    </details>
  );
}
