/**
 * The policy folder, read, checked and ready to decide. A book is loaded once at start and never changes; its digest stands in every
 * approval, consent and log entry. A folder with anything wrong in it (an unknown file, a missing language, a rule that cannot apply, a
 * case that does not come out as the board expects) is not loaded at all.
 */
import { Mistake } from '../kernel/errors.js';
import type { Category, ForbiddenNumbers, Limits, Purpose, Role, StaffReason, VagueWords } from './catalogue.js';
import { CedarRules, type Rule } from './cedar-rules.js';
import { Decider, type PolicyDecision, type PolicyRequest } from './decision.js';
import { PolicyBookError } from './policy-book-error.js';
import { readCases, type PolicyCase } from './policy-cases.js';
import { readCatalogues, readTables } from './policy-catalogues.js';
import { digestPolicyFiles, readPolicyFiles, type PolicyFiles } from './policy-files.js';
import { readNotices, type Notice } from './notices.js';
import { readStatuses, type StatusMatrix } from './status-matrix.js';

export interface PolicyBook {
  /** Hex SHA-256 of the folder. */
  readonly digest: string;
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly categories: ReadonlyMap<string, Category>;
  /** Country codes by region code. */
  readonly regions: ReadonlyMap<string, readonly string[]>;
  readonly limits: Limits;
  readonly rules: ReadonlyMap<string, Rule>;
  readonly cases: readonly PolicyCase[];
  readonly forbiddenNumbers: ForbiddenNumbers;
  readonly vagueWords: VagueWords;
  readonly notices: ReadonlyMap<string, Notice>;
  readonly statuses: StatusMatrix;
  readonly roles: readonly Role[];
  /** For what staff may ask to see a resident's data, by code. */
  readonly staffReasons: ReadonlyMap<string, StaffReason>;
  decide(request: PolicyRequest): PolicyDecision;
}

/** By digest. Nodes of one process that decide by the same text share its book. */
const books = new Map<string, PolicyBook>();

/** @throws PolicyBookError: one sentence with the file and the place. */
export async function loadPolicyBook(directory: string): Promise<PolicyBook> {
  const files = await readPolicyFiles(directory);
  const digest = digestPolicyFiles(files);
  const book = books.get(digest) ?? readBook(files, digest);
  books.set(digest, book);
  return book;
}

function readBook(files: PolicyFiles, digest: string): PolicyBook {
  refuseUnknownFiles(files);
  const catalogues = readCatalogues(files);
  const rules = CedarRules.parse(files, digest);
  const decider = new Decider(catalogues.purposes, catalogues.categories, rules);
  const book: PolicyBook = {
    digest,
    ...catalogues,
    ...readTables(files),
    rules: rules.rules,
    cases: readCases(files),
    notices: readNotices(files),
    statuses: readStatuses(files),
    decide: (request) => decider.decide(request),
  };
  refuseFailingCase(book);
  return book;
}

const knownFiles = [
  /^(purposes|regions|limits|vague-words|forbidden-numbers|statuses|roles|staff-reasons)\.yaml$/,
  /^categories\/[a-z.-]+\.yaml$/,
  /^schemas\/[a-z.-]+\.json$/,
  /^rules\.cedar$/,
  /^schema\.cedarschema$/,
  /^cases\/[a-z-]+\.yaml$/,
  /^notices\/[a-z-]+\.yaml$/,
];

function refuseUnknownFiles(files: PolicyFiles): void {
  for (const path of files.keys()) {
    if (!knownFiles.some((pattern) => pattern.test(path)))
      throw new PolicyBookError(path, '', 'no such file belongs here');
  }
}

function refuseFailingCase(book: PolicyBook): void {
  for (const policyCase of book.cases) {
    const problem = problemOfCase(policyCase, book.decide(policyCase.request), book.rules);
    if (problem !== null) throw new PolicyBookError(policyCase.file, policyCase.name, problem);
  }
}

function problemOfCase(
  policyCase: PolicyCase,
  decision: PolicyDecision,
  rules: ReadonlyMap<string, Rule>,
): string | null {
  const said = decision.reasons.map(({ rule }) => rule);
  const { effect, rule } = policyCase.expect;
  if (decision.permitted !== (effect === 'permit')) return `expected ${effect}, but the rules say: ${said.join(', ')}`;
  if (!said.includes(rule))
    return `expected the rule ${rule}${rules.has(rule) ? '' : ' (which does not exist)'}, but found: ${said.join(', ')}`;
  return null;
}

/** @throws Mistake `unknown-category` */
export function requireCategory(book: PolicyBook, code: string): Category {
  const category = book.categories.get(code);
  if (!category) throw new Mistake('unknown-category', 'The catalogue has no such category.');
  return category;
}

/** @throws Mistake `unknown-purpose` */
export function requirePurpose(book: PolicyBook, code: string): Purpose {
  const purpose = book.purposes.get(code);
  if (!purpose) throw new Mistake('unknown-purpose', 'The catalogue has no such purpose.');
  return purpose;
}
