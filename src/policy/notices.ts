/**
 * The texts shown before a resident answers, as data: what stands on the page is filled from these and hashed, and code and version are
 * kept with the answer as evidence (ISO/IEC TS 27560).
 */
import { z } from 'zod';
import { bilingual, type Bilingual } from './catalogue.js';
import { PolicyBookError } from './policy-book-error.js';
import { readYaml, type PolicyFiles } from './policy-files.js';

const code = z.string().regex(/^[a-z]+(-[a-z]+)*$/);
const section = z.strictObject({ code, ja: z.string().trim().min(1), en: z.string().trim().min(1) });
const noticeSchema = z.strictObject({
  code,
  version: z.int().min(1),
  placeholders: z.array(z.string().regex(/^[a-z][A-Za-z]*$/)),
  title: bilingual,
  sections: z.array(section).min(1),
});
export type Notice = z.infer<typeof noticeSchema>;

export function readNotices(files: PolicyFiles): ReadonlyMap<string, Notice> {
  const notices = new Map<string, Notice>();
  for (const path of files.keys()) {
    if (!path.startsWith('notices/')) continue;
    const notice = readYaml(files, path, noticeSchema);
    if (path !== `notices/${notice.code}.yaml`) throw new PolicyBookError(path, 'code', 'is not the name of the file');
    refuseUnevenPlaceholders(path, notice);
    notices.set(notice.code, notice);
  }
  return notices;
}

/** Both languages must tell the same: a placeholder that only one of them fills hides something from half of the readers. */
function refuseUnevenPlaceholders(path: string, notice: Notice): void {
  const used = new Set<string>();
  for (const { place, text } of [
    { place: 'title', text: notice.title },
    ...notice.sections.map((text) => ({ place: text.code, text })),
  ]) {
    const [ja, en] = [placeholdersOf(text.ja), placeholdersOf(text.en)];
    if (ja.join() !== en.join())
      throw new PolicyBookError(path, place, 'the two languages do not say the same of the program');
    ja.forEach((name) => used.add(name));
  }
  const [declared, found] = [notice.placeholders.toSorted().join(', '), [...used].sort().join(', ')];
  if (declared !== found) throw new PolicyBookError(path, 'placeholders', `the texts use: ${found}`);
}

function placeholdersOf(text: string): string[] {
  return [...new Set([...text.matchAll(/\{([A-Za-z]*)\}/g)].map((match) => match[1]!))].sort();
}

export interface FilledNotice {
  readonly code: string;
  readonly version: number;
  readonly title: string;
  readonly sections: readonly { readonly code: string; readonly text: string }[];
}

/** The notice in one language. @throws Error when a placeholder has no value: an incomplete notice is no notice. */
export function fillNotice(
  notice: Notice,
  language: keyof Bilingual,
  values: Readonly<Record<string, string>>,
): FilledNotice {
  const fill = (text: string): string =>
    text.replace(/\{([A-Za-z]*)\}/g, (_, name: string) => {
      const value = Object.hasOwn(values, name) ? values[name] : undefined;
      if (value === undefined) throw new Error(`the notice ${notice.code} needs ${name}`);
      return value;
    });
  return {
    code: notice.code,
    version: notice.version,
    title: fill(notice.title[language]),
    sections: notice.sections.map((item) => ({ code: item.code, text: fill(item[language]) })),
  };
}
