/** Finds words that leave open what is meant (policies/vague-words.yaml): 「等」「など」 and their English kin. */
import type { Bilingual, VagueWords } from './catalogue.js';

/** 「以下『甲等』という」 defines a term for the text in which it stands. */
const definition = /以下(?:、|,)?(?:単に)?[「『]([^」』]{1,30})[」』]と(?:い|言|呼)/g;

/** The vague words of one text, each once, in the order of the list. Defined terms such as 氏名等 are not vague. */
export function findVagueWords(words: VagueWords, language: keyof Bilingual, text: string): string[] {
  const plain = text.normalize('NFKC').toLowerCase();
  const defined = [...plain.matchAll(definition)].map((match) => match[1]!);
  return words[language]
    .filter(({ word, allowed }) => {
      const terms = [...allowed.map((term) => term.normalize('NFKC').toLowerCase()), ...defined];
      const rest = terms.toSorted((left, right) => right.length - left.length).reduce(blank, plain);
      return language === 'ja' ? rest.includes(word) : wholeWord(word).test(rest);
    })
    .map(({ word }) => word);
}

/** A blank instead of nothing, so that what stood on both sides does not become a new word. */
function blank(text: string, term: string): string {
  return text.replaceAll(term, ' ');
}

function wholeWord(word: string): RegExp {
  const source = word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replace(/ /g, '\\s+');
  return new RegExp(`(?<![a-z])${source}(?![a-z])`, 'i');
}
