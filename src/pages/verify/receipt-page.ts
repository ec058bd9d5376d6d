/**
 * Checks the receipt that is chosen or dropped on the page, in this browser, and writes what it finds into the page as text. It sends nothing:
 * it calls nothing that could, and the page's policy (connect-src 'none') would not let it.
 */
import { receiptSteps, type Proven, verifyReceipt, type ReceiptVerdict } from './receipt.js';
import { receiptText } from './receipt-text.js';

const language = document.documentElement.lang === 'en' ? 'en' : 'ja';
const text = receiptText[language];
const zone = element('receipt-zone');
const file = element('receipt-file') as HTMLInputElement;
const keyField = element('receipt-key') as HTMLTextAreaElement;
const shownKey = keyField.defaultValue.trim();
const result = element('receipt-result');
const bytesMax = 65_536;

let content: string | null = null;

function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (!found) throw new Error(`The page has no ${id}`);
  return found;
}

function paragraph(words: string, className = ''): HTMLElement {
  const made = document.createElement('p');
  made.textContent = words;
  if (className !== '') made.className = className;
  return made;
}

function show(className: string, ...parts: readonly HTMLElement[]): void {
  result.className = className;
  result.replaceChildren(...parts);
}

function showSteps(failed: string | null): void {
  const place = receiptSteps.findIndex((step) => step === failed);
  receiptSteps.forEach((step, position) => {
    const item = document.querySelector<HTMLElement>(`[data-step="${step}"]`);
    const words = item?.querySelector('.step-state');
    if (!item || !words) return;
    const state = place < 0 || position < place ? 'done' : position === place ? 'failed' : 'skipped';
    item.dataset['state'] = state;
    words.textContent = text.states[state];
  });
}

function factsOf({ what, at, pairwiseId }: Proven): HTMLElement {
  const codes = (values: readonly string[]) =>
    values.flatMap((value, place) => [place > 0 ? text.separator : '', code(value)]);
  const rows: readonly (readonly [string, ...(string | HTMLElement)[]])[] = [
    [text.facts.at, inJapan(at)],
    ...(what.kind !== 'provision'
      ? []
      : ([
          [text.facts.recipient, code(what.recipient)],
          [text.facts.program, code(what.program), text.version(String(what.version))],
          [text.facts.purpose, code(what.purpose)],
          [text.facts.categories, ...codes(what.categories)],
        ] as const)),
    [what.kind === 'provision' ? text.facts.pairwiseId : text.facts.ownId, code(pairwiseId)],
  ];
  const list = document.createElement('dl');
  list.className = 'facts';
  for (const [label, ...parts] of rows) {
    const row = document.createElement('div');
    const term = document.createElement('dt');
    const said = document.createElement('dd');
    term.textContent = label;
    said.append(...parts);
    row.append(term, said);
    list.append(row);
  }
  return list;
}

function code(value: string): HTMLElement {
  const made = document.createElement('code');
  made.textContent = value;
  return made;
}

/** The entry's minute as a person in Japan reads it. */
function inJapan(at: string): string {
  const instant = new Date(at.replace('Z', ':00Z'));
  return instant.toLocaleString(language === 'ja' ? 'ja-JP' : 'en-GB', {
    timeZone: 'Asia/Tokyo',
    dateStyle: 'long',
    timeStyle: 'short',
  });
}

function showVerdict(verdict: ReceiptVerdict): void {
  if (!verdict.isGood) {
    showSteps(verdict.step);
    // Another file was chosen by mistake: nothing was falsified, and nobody need be told.
    if (verdict.failure === 'not-a-receipt')
      return show(
        'panel panel-caution',
        paragraph(text.otherFileTitle, 'panel-title'),
        paragraph(text.failures['not-a-receipt']),
      );
    const next = verdict.failure === 'bad-key' ? [] : [paragraph(text.badNext)];
    show(
      'panel panel-bad',
      paragraph(text.badTitle, 'panel-title'),
      paragraph(text.failures[verdict.failure]),
      ...next,
    );
    return;
  }
  showSteps(null);
  const { index, size } = verdict;
  const otherKey = keyField.value.trim() === shownKey ? [] : [paragraph(text.otherKey)];
  show(
    'panel panel-good',
    paragraph(text.goodTitles[verdict.what.kind], 'panel-title'),
    paragraph(text.good(index.toLocaleString('en-GB'), size.toLocaleString('en-GB'))),
    factsOf(verdict),
    ...otherKey,
  );
}

async function check(): Promise<void> {
  if (content === null) return;
  try {
    showVerdict(await verifyReceipt(content, keyField.value));
  } catch {
    show('panel panel-caution', paragraph(text.broken));
  }
}

async function take(files: FileList | null): Promise<void> {
  const [first] = files ?? [];
  if (!first) return;
  content = null;
  for (const item of document.querySelectorAll<HTMLElement>('[data-step]')) {
    delete item.dataset['state'];
    item.querySelector('.step-state')!.textContent = text.states.waiting;
  }
  if (files!.length > 1) return show('panel panel-caution', paragraph(text.oneOnly));
  if (first.size > bytesMax) return show('panel panel-caution', paragraph(text.tooLarge));
  // A byte order mark would be made away with by Blob.text(), and is no part of a receipt.
  content = new TextDecoder('utf-8', { ignoreBOM: true }).decode(await first.arrayBuffer());
  await check();
}

async function isSupported(): Promise<boolean> {
  try {
    await crypto.subtle.importKey('raw', new Uint8Array(32), 'Ed25519', false, ['verify']);
    return true;
  } catch {
    return false;
  }
}

/**
 * Fetches the font's subsets for all that may yet be said. Otherwise the browser would do so when it is said, and the service could tell from
 * that what the check found. What comes from the receipt is ASCII.
 */
async function loadFonts(): Promise<void> {
  const ascii = Array.from({ length: 95 }, (_, place) => String.fromCharCode(32 + place)).join('');
  const words = `${ascii}${JSON.stringify(text)}${text.good('', '')}${text.version('')}${inJapan('2026-12-31T15:00Z')}✓✕`;
  for (const weight of [400, 700]) await document.fonts.load(`${weight} 16px "Noto Sans JP"`, words);
}

async function begin(): Promise<void> {
  if (!(await isSupported())) return show('panel panel-caution', paragraph(text.unsupported));
  await loadFonts();
  element('receipt-needs-script').hidden = true;
  element('receipt-input').hidden = false;
  file.addEventListener('change', () => void take(file.files));
  keyField.addEventListener('change', () => void check());
  // Anywhere on the page: a file dropped beside the zone would otherwise be opened in place of the page.
  document.addEventListener('dragover', (event) => event.preventDefault());
  document.addEventListener('drop', (event) => {
    event.preventDefault();
    zone.classList.remove('drop-zone-over');
    void take(event.dataTransfer?.files ?? null);
  });
  zone.addEventListener('dragenter', () => zone.classList.add('drop-zone-over'));
  zone.addEventListener('dragleave', () => zone.classList.remove('drop-zone-over'));
}

await begin();
