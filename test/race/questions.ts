/** What residents and recipients ask when everybody asks at once, each with what is the same in every answer to it. */
import type { Answer } from '../setup/http-client.js';
import { type Reader, receiptOf, verified } from '../setup/a-reader.js';
import { type AProgram, type DemoResident, must, type Town } from '../setup/a-town.js';

export interface Question {
  /** The person who asks, or the organisation and the person it asks about. */
  readonly who: string;
  readonly ask: () => Promise<Answer>;
  /** What two answers to it have in common, whatever happened in between. */
  readonly lasting: (answer: Answer) => unknown;
}

/** A program whose recipient reads those who consented to it. */
export interface Asked {
  readonly program: AProgram;
  readonly reader: Reader;
  readonly people: readonly {
    readonly resident: DemoResident;
    readonly pairwiseId: string;
    readonly consentId: string;
  }[];
}

export async function asked(town: Town, program: AProgram, residents: readonly DemoResident[]): Promise<Asked> {
  const people: Asked['people'][number][] = [];
  for (const resident of residents) people.push({ resident, ...(await town.give(resident, program)) });
  return { program, people, reader: await town.reader(program) };
}

const whole = ({ status, text }: Answer) => [status, text];
/** A page without the times on it: each use moves one. */
const page = ({ status, text }: Answer) => [status, text.replaceAll(/<time [^>]*>[^<]*/g, '')];
/** Each failure has a number of its own. */
const refusal = ({ status, code }: Answer) => [status, code];

/** @param theirs the id of a consent that somebody else gave */
export function questionsOfResident(town: Town, resident: DemoResident, theirs: string): Question[] {
  const question = (path: string, lasting: Question['lasting'], cookie = resident.session): Question => ({
    ...{ who: resident.login, lasting },
    ask: () => town.http.ask(town.base, { path, headers: { cookie } }),
  });
  return [
    ...['/v1/me', '/v1/me/identifier-key', '/v1/consents'].map((path) => question(path, whole)),
    ...['/my/consents', '/my/records'].map((path) => question(path, page)),
    // What is added is theirs, too: by the words, and by the count at the end.
    ...['/v1/me/uses?limit=200', '/my/uses'].map((path) => question(path, ({ status }) => status)),
    ...[`/v1/consents/${theirs}`, `/v1/consents/${theirs}/receipt`].map((path) => question(path, refusal)),
    question('/v1/me', refusal, `${resident.session}x`),
  ];
}

/** @param elsewhere the pairwise id of one of them at another recipient */
export function questionsOfReader({ demo }: Town, { program, reader, people }: Asked, elsewhere: string): Question[] {
  const reads = people.map(({ resident, pairwiseId }) => ({
    who: `${program.recipient} of ${resident.login}`,
    ask: () => reader.read(pairwiseId),
    lasting: (answer: Answer) => {
      verified(receiptOf(must(answer)), demo, { pairwiseId, program: program.id });
      return answer.json.records;
    },
  }));
  const ofNobody = { who: `${program.recipient} of nobody`, ask: () => reader.read(elsewhere), lasting: refusal };
  return [...reads, ...reads, ...reads, ofNobody];
}

/** Everything in an answer by which it could be told that it is somebody else's: names, and whatever is long enough for an id, a key or a digest. */
export function wordsOf({ text }: Answer, names: readonly string[]): string[] {
  // The hashes of the tree stand in everybody's receipts.
  const own = text.replaceAll(/"proof":"[^"]*"/g, '');
  return [...(own.match(/[A-Za-z0-9_-]{16,}/g) ?? []), ...names.filter((name) => own.includes(name))];
}
