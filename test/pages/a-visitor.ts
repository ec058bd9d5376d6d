/** Someone with a browser that runs no scripts: keeps cookies, follows nothing by itself, and can fill in the forms it finds on a page. */

export interface Visited {
  readonly status: number;
  readonly location: string | null;
  readonly headers: Headers;
  readonly html: string;
}

export interface Form {
  readonly action: string;
  readonly fields: URLSearchParams;
}

export class Visitor {
  private readonly cookies = new Map<string, string>();

  constructor(
    private readonly origin: string,
    /** A `Cookie` header value to begin with. */
    session?: string,
  ) {
    if (session !== undefined) this.keep(session);
  }

  async open(path: string, headers: Readonly<Record<string, string>> = {}): Promise<Visited> {
    return this.ask(path, { headers });
  }

  /** Sends a form as a browser does, with the Origin of the site unless told otherwise. */
  async send({ action, fields }: Form, headers: Readonly<Record<string, string>> = {}): Promise<Visited> {
    return this.ask(action, { method: 'POST', body: fields, headers: { origin: this.origin, ...headers } });
  }

  private async ask(path: string, init: RequestInit): Promise<Visited> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const own = { accept: 'text/html', 'sec-fetch-site': 'same-origin', ...(cookie === '' ? {} : { cookie }) };
    const response = await fetch(`${this.origin}${path}`, {
      ...init,
      redirect: 'manual',
      headers: { ...own, ...(init.headers as Record<string, string>) },
    });
    for (const set of response.headers.getSetCookie()) this.keep(set.split(';', 1)[0]!);
    const location = response.headers.get('location');
    return { status: response.status, location, headers: response.headers, html: await response.text() };
  }

  private keep(pair: string): void {
    const [name = '', value = ''] = pair.split('=', 2);
    if (value === '') this.cookies.delete(name);
    else this.cookies.set(name, value);
  }
}

/** The form on a page whose action ends so, with its hidden fields. @throws when there is none. */
export function formOf(html: string, actionEnd: string): Form {
  for (const [, action = '', inside = ''] of html.matchAll(
    /<form method="post" action="([^"]*)"[^>]*>(.*?)<\/form>/gs,
  )) {
    if (!action.endsWith(actionEnd)) continue;
    const hidden = [...inside.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)];
    return { action, fields: new URLSearchParams(hidden.map(([, name = '', value = '']) => [name, value])) };
  }
  throw new Error(`no form to ${actionEnd} on this page`);
}

/** A form with more fields filled in; `undefined` takes one away. */
export function filled(
  { action, fields }: Form,
  more: Readonly<Record<string, string | readonly string[] | undefined>>,
): Form {
  const all = new URLSearchParams(fields);
  for (const [name, value] of Object.entries(more)) {
    all.delete(name);
    for (const one of value === undefined ? [] : [value].flat()) all.append(name, one);
  }
  return { action, fields: all };
}

/** What a reader sees of a page: its text. */
export function textOf(html: string): string {
  return html.replace(/<[^>]*>/g, '').replace(/\s+/g, ' ');
}
