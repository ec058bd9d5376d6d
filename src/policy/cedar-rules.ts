/**
 * The board's rules, written in Cedar (policies/rules.cedar), made ready once. Each rule has an id and one plain sentence in both
 * languages, and is checked against the schema, so that a rule that could never apply does not pass for a protection.
 */
import {
  policySetTextToParts,
  policyToJson,
  preparsePolicySet,
  preparseSchema,
  statefulIsAuthorized,
  validate,
  type AuthorizationAnswer,
  type DetailedError,
  type StatefulAuthorizationCall,
} from '@cedar-policy/cedar-wasm/nodejs';
import type { Bilingual } from './catalogue.js';
import { PolicyBookError } from './policy-book-error.js';
import { textOf, type PolicyFiles } from './policy-files.js';

const rulesPath = 'rules.cedar';
const schemaPath = 'schema.cedarschema';

export interface Rule {
  readonly id: string;
  readonly effect: 'permit' | 'forbid';
  readonly sentence: Bilingual;
}

/** What Cedar said of one question. Errors matter: Cedar skips an erring forbid. */
export interface CedarAnswer {
  readonly isAllowed: boolean;
  readonly ruleIds: readonly string[];
  readonly hasErrors: boolean;
}

export type CedarQuestion = Pick<
  StatefulAuthorizationCall,
  'principal' | 'action' | 'resource' | 'context' | 'entities'
>;

export class CedarRules {
  private constructor(
    private readonly name: string,
    readonly rules: ReadonlyMap<string, Rule>,
  ) {}

  /** @param digest names the parsed rules in Cedar's own cache. @throws PolicyBookError naming the rule that is wrong. */
  static parse(files: PolicyFiles, digest: string): CedarRules {
    const text = textOf(files, rulesPath);
    const schema = textOf(files, schemaPath);
    const rules = new Map<string, Rule>();
    const sources: Record<string, string> = {};
    for (const source of splitRules(text)) {
      const rule = readRule(source, rules.size + 1);
      if (rules.has(rule.id)) throw new PolicyBookError(rulesPath, rule.id, 'two rules have this id');
      rules.set(rule.id, rule);
      sources[rule.id] = source;
    }
    refuse(schemaPath, preparseSchema(digest, schema));
    refuseUnfitRules(schema, sources);
    refuse(rulesPath, preparsePolicySet(digest, { staticPolicies: sources }));
    return new CedarRules(digest, rules);
  }

  ask(question: CedarQuestion): CedarAnswer {
    const answer = this.call(question);
    if (answer.type === 'failure') return { isAllowed: false, ruleIds: [], hasErrors: true };
    const { decision, diagnostics } = answer.response;
    return {
      isAllowed: decision === 'allow',
      ruleIds: diagnostics.reason.toSorted(),
      hasErrors: diagnostics.errors.length > 0,
    };
  }

  /** A question that Cedar cannot even read (a missing or mistyped member) throws there; here it is one more failure. */
  private call(question: CedarQuestion): AuthorizationAnswer {
    try {
      return statefulIsAuthorized({
        ...question,
        preparsedPolicySetId: this.name,
        preparsedSchemaName: this.name,
        validateRequest: true,
      });
    } catch {
      return { type: 'failure', errors: [], warnings: [] };
    }
  }
}

function splitRules(text: string): string[] {
  const parts = policySetTextToParts(text);
  if (parts.type === 'failure')
    throw new PolicyBookError(rulesPath, lineOf(text, parts.errors), messageOf(parts.errors));
  if (parts.policy_templates.length > 0) throw new PolicyBookError(rulesPath, '', 'templates are not used here');
  return parts.policies;
}

function readRule(source: string, position: number): Rule {
  const parsed = policyToJson(source);
  if (parsed.type === 'failure') throw new PolicyBookError(rulesPath, `rule ${position}`, messageOf(parsed.errors));
  const { id, ja, en, ...others } = parsed.json.annotations ?? {};
  const place = id ?? `rule ${position}`;
  if (!id || !/^[a-z]+(-[a-z0-9]+)*$/.test(id))
    throw new PolicyBookError(rulesPath, place, 'a rule needs an @id of words joined by hyphens');
  if (!ja?.trim() || !en?.trim())
    throw new PolicyBookError(rulesPath, place, 'a rule needs one sentence in @ja and one in @en');
  if (Object.keys(others).length > 0)
    throw new PolicyBookError(rulesPath, place, 'only @id, @ja and @en are used here');
  return { id, effect: parsed.json.effect, sentence: { ja, en } };
}

/** Cedar's validator: unknown attributes, wrong types, and (as a warning) a rule that can never apply. */
function refuseUnfitRules(schema: string, sources: Record<string, string>): void {
  const answer = validate({ schema, policies: { staticPolicies: sources } });
  if (answer.type === 'failure') throw new PolicyBookError(rulesPath, '', messageOf(answer.errors));
  const problem = answer.validationErrors[0] ?? answer.validationWarnings[0];
  if (problem) throw new PolicyBookError(rulesPath, problem.policyId, problem.error.message);
}

function refuse(path: string, answer: { type: 'success' } | { type: 'failure'; errors: DetailedError[] }): void {
  if (answer.type === 'failure') throw new PolicyBookError(path, '', messageOf(answer.errors));
}

function messageOf(errors: readonly DetailedError[]): string {
  return errors.map((error) => error.message).join('; ') || 'the file cannot be read';
}

function lineOf(text: string, errors: readonly DetailedError[]): string {
  const start = errors[0]?.sourceLocations?.[0]?.start;
  return start === undefined
    ? ''
    : `line ${Buffer.from(text, 'utf8').subarray(0, start).toString('utf8').split('\n').length}`;
}
