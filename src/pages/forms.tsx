/** Forms that change something: always POST, always with the CSRF token of the session, and working without scripts. */
import type { ComponentChildren } from 'preact';

/** Name of the hidden field that carries the CSRF token. */
export const csrfField = 'csrf';

interface PostFormProps {
  readonly action: string;
  /** The CSRF token of the session; null only where there is no session yet. */
  readonly csrf: string | null;
  readonly class?: string;
  readonly children: ComponentChildren;
}

export function PostForm({ action, csrf, class: className, children }: PostFormProps) {
  return (
    <form method="post" action={action} class={className}>
      {csrf !== null && <input type="hidden" name={csrfField} value={csrf} />}
      {children}
    </form>
  );
}

interface FailureProps {
  readonly title: string;
  readonly children: ComponentChildren;
}

/** Says at the top of a form why it was not accepted; announced when the page loads with it. */
export function Failure({ title, children }: FailureProps) {
  return (
    <div class="panel panel-bad" role="alert">
      <p class="panel-title">{title}</p>
      <p>{children}</p>
    </div>
  );
}
