/** The access policy of the pages as a table: who × page → what is answered. And what every page's answer carries. */
import type { DemoFile } from '../../src/demo/demo-file.js';
import { aDemoCity, type DemoCity } from '../setup/demo-city.js';
import { Visitor } from './a-visitor.js';
import { stopSoundly } from '../setup/check-log.js';

let city: DemoCity;
let demo: DemoFile;
/** Cookie of one with a consent in force. */
let resident: string;
let programs: Record<'active' | 'inReview', string>;
let consents: Record<'own' | 'anothers', string>;

beforeAll(async () => {
  city = await aDemoCity();
  demo = city.demo;
  const all = demo.recipients.flatMap((recipient) => recipient.programs);
  const inReview = all.find(({ status }) => status === 'in_review')!.id;
  const given = await Promise.all(demo.residents.map(({ session }) => activeConsent(session)));
  const [first, second] = given.flatMap((consent, place) => (consent === null ? [] : [{ ...consent, place }]));
  resident = demo.residents[first!.place]!.session;
  programs = { active: first!.program, inReview };
  consents = { own: first!.id, anothers: second!.id };
});
afterAll(() => stopSoundly(city));

async function activeConsent(session: string): Promise<{ id: string; program: string } | null> {
  const answer = await fetch(`${demo.baseUrl}/v1/consents`, { headers: { cookie: session } });
  const { consents: all } = (await answer.json()) as { consents: { id: string; program: string; state: string }[] };
  return all.find(({ state }) => state === 'active') ?? null;
}

const actors = ['stranger', 'resident', 'board', 'staff'] as const;
type Actor = (typeof actors)[number];

const page = 200;
const toSignIn = 303;
const notYours = 403;
const nothing = 404;
const notNow = 409;

const table: readonly (readonly [path: string, stranger: number, resident: number, board: number, staff: number])[] = [
  ['/', page, page, page, page],
  ['/programs/:active', page, page, page, page],
  ['/programs/:inReview', page, page, page, page],
  ['/programs/p-nothing', nothing, nothing, nothing, nothing],
  ['/verify', page, page, page, page],
  ['/sign-in', page, page, page, page],
  ['/my/uses', toSignIn, page, notYours, notYours],
  ['/my/uses/999999/receipt', toSignIn, nothing, notYours, notYours],
  ['/my/uses/x/receipt', toSignIn, nothing, notYours, notYours],
  ['/my/records', toSignIn, page, notYours, notYours],
  ['/my/erasure', toSignIn, page, notYours, notYours],
  ['/my/consents', toSignIn, page, notYours, notYours],
  ['/my/consents/:own', toSignIn, page, notYours, notYours],
  ['/my/consents/:own/receipt', toSignIn, page, notYours, notYours],
  ['/my/consents/:anothers', toSignIn, nothing, notYours, notYours],
  ['/my/consents/:anothers/receipt', toSignIn, nothing, notYours, notYours],
  ['/my/consents/not-an-id', toSignIn, nothing, notYours, notYours],
  ['/my/programs/:active', toSignIn, page, notYours, notYours],
  ['/my/programs/:inReview', toSignIn, notNow, notYours, notYours],
  ['/my/programs/p-nothing', toSignIn, nothing, notYours, notYours],
  ['/board', toSignIn, notYours, page, notYours],
  ['/board/programs/:active', toSignIn, notYours, page, notYours],
  ['/board/programs/:inReview', toSignIn, notYours, page, notYours],
  ['/board/programs/p-nothing', toSignIn, notYours, nothing, notYours],
  ['/board/log', toSignIn, notYours, page, notYours],
  ['/board/log?before=10', toSignIn, notYours, page, notYours],
  ['/staff', toSignIn, notYours, notYours, page],
  ['/assets/nothing.css', nothing, nothing, nothing, nothing],
  ['/nowhere', nothing, nothing, nothing, nothing],
];

function visitor(actor: Actor): Visitor {
  const sessions = {
    ...{ stranger: undefined, resident },
    ...{ board: demo.board[0]!.session, staff: demo.staff[0]!.session },
  };
  return new Visitor(demo.baseUrl, sessions[actor]);
}

function addressOf(path: string): string {
  return path.replace(/:(\w+)/, (_, name: string) => ({ ...programs, ...consents })[name] ?? name);
}

describe.each(table)('%s', (path, ...answers) => {
  test.each(actors.map((actor, place) => [actor, answers[place]!] as const))(
    'answers a %s with %d',
    async (actor, status) => {
      const answer = await visitor(actor).open(addressOf(path));
      expect(answer.status).toBe(status);
      if (status === toSignIn) expect(answer.location).toMatch(/^\/sign-in(\?return_to=%2F|$)/);
      if (path.endsWith('/receipt') && status === page) return;
      expect(answer.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(answer.headers.get('cache-control')).toBe('no-store');
      const policy = answer.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; style-src 'self'; .*frame-ancestors 'none'; base-uri 'none'/);
      const hasScript = path.startsWith('/board/log') || path === '/verify';
      expect(policy.includes('script-src')).toBe(hasScript && status === page);
      expect(policy.includes("connect-src 'self'")).toBe(path.startsWith('/board/log') && status === page);
      expect(answer.headers.get('referrer-policy')).toBe('same-origin');
    },
  );
});

describe('A page that failed', () => {
  test('tells a person in both languages and a program as a problem document', async () => {
    const person = await visitor('stranger').open('/nowhere', { 'accept-language': 'en' });
    expect(person.html).toContain('<html lang="en">');
    expect(person.html).toContain('見つかりません');
    const program = await visitor('stranger').open('/nowhere', { accept: 'application/json' });
    expect(program.headers.get('content-type')).toContain('application/problem+json');
  });

  test('shows nothing of what was asked for', async () => {
    const answer = await visitor('resident').open('/my/consents/%3Cscript%3Ealert(1)%3C%2Fscript%3E');
    expect(answer.status).toBe(404);
    expect(answer.html).not.toMatch(/alert\(1\)<|<script>/);
  });
});

describe('A page’s language', () => {
  test('is remembered once asked for', async () => {
    const someone = visitor('stranger');
    expect((await someone.open('/', { 'accept-language': 'fr' })).html).toContain('<html lang="ja">');
    const asked = await someone.open('/?lang=en');
    expect(asked.html).toContain('<html lang="en">');
    expect(asked.headers.get('set-cookie')).toMatch(
      /^azukari_language=en; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Lax$/,
    );
    expect((await someone.open('/sign-in')).html).toContain('<html lang="en">');
  });
});

describe('Assets', () => {
  test('may be kept for ever, and come compressed to who can read that', async () => {
    const { html } = await visitor('stranger').open('/');
    const [, address = ''] = /href="(\/assets\/azukari\.[0-9a-f]{16}\.css)"/.exec(html) ?? [];
    const plain = await visitor('stranger').open(address, { 'accept-encoding': 'identity' });
    const packed = await fetch(`${demo.baseUrl}${address}`, { headers: { 'accept-encoding': 'gzip, br;q=0.9' } });
    const refusing = await fetch(`${demo.baseUrl}${address}`, { headers: { 'accept-encoding': 'br;q=0' } });
    expect(plain.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect([plain.headers.get('content-encoding'), packed.headers.get('content-encoding')]).toEqual([null, 'br']);
    expect(refusing.headers.get('content-encoding')).toBeNull();
    expect(await packed.text()).toBe(plain.html);
  });
});
