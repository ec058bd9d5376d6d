/**
 * Runs the verification on the board's view of the log and writes what it finds into the page as text. Loaded only there; without it the
 * page still says how to verify otherwise. It remembers the last good checkpoint in this browser, so a rollback shows.
 */
import { toBase64, type Bytes } from './bytes.js';
import { verifierText } from './text.js';
import type { LogReader, Place } from './covered.js';
import { provesNothing, steps, verifyLog, type Remembered, type Step, type Verdict } from './verify-log.js';

const section = element('verifier');
const language = document.documentElement.lang === 'en' ? 'en' : 'ja';
const text = verifierText[language];
const start = element('verifier-start') as HTMLButtonElement;
const keyField = element('verifier-key') as HTMLInputElement;
const bar = element('verifier-progress') as HTMLProgressElement;
const result = element('verifier-result');

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}`);
  return found;
}

const reader: LogReader = {
  checkpoint: () => read(section.dataset['checkpoint'] ?? '', 'no-store'),
  tile: (level, path) => read(`${section.dataset['tiles']}${level}/${path}`, 'default'),
  entries: (path) => read(`${section.dataset['entries']}${path}`, 'default'),
  // As long as the command: of several servers one may know a checkpoint a moment before the next has its tiles.
  pausesMs: [250, 750, 2000],
};

async function read(address: string, cache: RequestCache): Promise<Bytes | null> {
  const response = await fetch(address, { cache, redirect: 'error', credentials: 'same-origin' });
  if (response.status === 404 || response.status === 410) return null;
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return new Uint8Array(await response.arrayBuffer());
}

function rememberedKey(): string {
  return `azukari verified ${keyField.value.trim()}`;
}

/** The last good checkpoint under this key; null when there is none or the browser keeps nothing. */
function recall(): Remembered | null {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(rememberedKey()) ?? 'null');
    const { size, root } = (value ?? {}) as Partial<Remembered>;
    return typeof size === 'number' && Number.isSafeInteger(size) && typeof root === 'string' ? { size, root } : null;
  } catch {
    return null;
  }
}

function remember({ size, root }: Remembered): void {
  try {
    localStorage.setItem(rememberedKey(), JSON.stringify({ size, root }));
  } catch {
    // A browser that keeps nothing can still verify; it only cannot compare with last time.
  }
}

function showStep(step: Step, state: keyof typeof text.states, detail = ''): void {
  const item = section.querySelector<HTMLElement>(`[data-step="${step}"]`);
  const words = item?.querySelector('.step-state');
  if (!item || !words) return;
  item.dataset['state'] = state;
  words.textContent = detail === '' ? text.states[state] : `${text.states[state]} ${detail}`;
}

function report(step: Step, done: number, total: number): void {
  const finished = done >= total;
  showStep(step, finished ? 'done' : 'running', total > 1 ? text.progress(grouped(done), grouped(total)) : '');
  bar.value = (steps.indexOf(step) + (total === 0 ? 1 : done / total)) / steps.length;
  const next = steps[steps.indexOf(step) + 1];
  if (finished && next) showStep(next, 'running');
}

function paragraph(words: string, className = ''): HTMLElement {
  const made = document.createElement('p');
  made.textContent = words;
  if (className !== '') made.className = className;
  return made;
}

function showVerdict(verdict: Verdict, before: Remembered | null): void {
  if (!verdict.isGood) {
    const { step, failure, place } = verdict;
    const isProof = !provesNothing.has(failure);
    showStep(step, isProof ? 'failed' : 'stopped');
    show(isProof ? 'panel panel-bad' : 'panel panel-caution', [
      paragraph(text.badTitle, 'panel-title'),
      paragraph(text.failures[failure]),
      ...(place === null ? [] : [paragraph(text.place(wordsFor(place), place.path))]),
      ...(isProof ? [paragraph(text.badNext)] : []),
    ]);
    return;
  }
  const counts = Object.entries(verdict.kinds).sort(([, left], [, right]) => right - left);
  const named = counts.map(([kind, count]) => `${section.dataset[`kind${capital(kind)}`] ?? kind} ${grouped(count)}`);
  show('panel panel-good', [
    paragraph(text.goodTitle, 'panel-title'),
    paragraph(text.good(grouped(verdict.size), verdict.root)),
    paragraph(before ? text.since(grouped(before.size)) : text.sinceNothing),
    paragraph(`${text.counts}: ${named.join(language === 'ja' ? '、' : ', ')}`),
  ]);
  remember(verdict);
}

function wordsFor({ from, to }: Place): string {
  return from === to ? text.entry(grouped(from)) : text.entries(grouped(from), grouped(to));
}

function show(className: string, paragraphs: readonly HTMLElement[]): void {
  result.className = className;
  result.replaceChildren(...paragraphs);
}

function grouped(value: number): string {
  return value.toLocaleString('en-GB');
}

function capital(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

async function run(): Promise<void> {
  start.disabled = true;
  result.className = '';
  result.replaceChildren();
  bar.hidden = false;
  bar.value = 0;
  for (const step of steps) showStep(step, 'waiting');
  showStep('checkpoint', 'running');
  const before = recall();
  try {
    showVerdict(await verifyLog(reader, keyField.value, before, report), before);
  } catch {
    show('panel panel-caution', [paragraph(text.broken)]);
  } finally {
    start.disabled = false;
    start.focus();
  }
}

/** Ed25519 is younger than the rest of WebCrypto, and all of it exists only on secure origins. */
async function isSupported(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return toBase64(new Uint8Array(0)) === '';
  } catch {
    return false;
  }
}

async function begin(): Promise<void> {
  if (!(await isSupported())) {
    show('panel panel-caution', [paragraph(text.unsupported)]);
    return;
  }
  element('verifier-needs-script').hidden = true;
  start.hidden = false;
  start.addEventListener('click', () => void run());
}

await begin();
