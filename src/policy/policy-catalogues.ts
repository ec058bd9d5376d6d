/** Reads the catalogues of purposes and categories and the tables beside them, and checks that what one names the other has. */
import { z } from 'zod';
import {
  categorySchema,
  forbiddenNumbersSchema,
  limitsSchema,
  purposeSchema,
  regionsSchema,
  roleSchema,
  staffReasonSchema,
  vagueWordsSchema,
  type Category,
  type ForbiddenNumbers,
  type Limits,
  type Purpose,
  type Role,
  type StaffReason,
  type VagueWords,
} from './catalogue.js';
import { PolicyBookError } from './policy-book-error.js';
import { readJson, readYaml, type PolicyFiles } from './policy-files.js';
import { schemaCompiler } from './record-validation.js';

export interface Catalogues {
  readonly purposes: ReadonlyMap<string, Purpose>;
  readonly categories: ReadonlyMap<string, Category>;
  readonly regions: ReadonlyMap<string, readonly string[]>;
}

export function readCatalogues(files: PolicyFiles): Catalogues {
  const purposes = byCode('purposes.yaml', readYaml(files, 'purposes.yaml', z.array(purposeSchema).min(1)));
  const regions = new Map(Object.entries(readYaml(files, 'regions.yaml', regionsSchema)));
  const categories = new Map<string, Category>();
  const compile = schemaCompiler();
  for (const path of files.keys()) {
    if (!path.startsWith('categories/')) continue;
    const category = readYaml(files, path, categorySchema);
    refuseUnfit(path, category, purposes, regions);
    prepareSchema(files, path, category, compile);
    categories.set(category.code, category);
  }
  if (categories.size === 0) throw new PolicyBookError('categories', '', 'there are no categories');
  refuseUnusedSchemas(files, categories);
  return { purposes, categories, regions };
}

function refuseUnfit(
  path: string,
  category: Category,
  purposes: ReadonlyMap<string, Purpose>,
  regions: ReadonlyMap<string, readonly string[]>,
): void {
  if (path !== `categories/${category.code}.yaml`)
    throw new PolicyBookError(path, 'code', 'is not the name of the file');
  refuseDoubles(
    path,
    'fields',
    category.fields.map(({ code }) => code),
  );
  refuseDoubles(path, 'purposes', category.purposes);
  const unknown = category.purposes.find((code) => !purposes.has(code));
  if (unknown !== undefined) throw new PolicyBookError(path, 'purposes', `there is no purpose ${unknown}`);
  const region = regions.get(category.limits.regions);
  if (!region) throw new PolicyBookError(path, 'limits.regions', `there is no region ${category.limits.regions}`);
  if (category.sensitivity === 'sensitive' && region.join() !== 'JP') {
    throw new PolicyBookError(path, 'limits.regions', 'sensitive data stay in Japan');
  }
}

function prepareSchema(
  files: PolicyFiles,
  path: string,
  category: Category,
  compile: ReturnType<typeof schemaCompiler>,
): void {
  const schema = readJson(files, category.schema);
  try {
    compile(category, schema);
  } catch (error) {
    throw new PolicyBookError(category.schema, '', `is not a JSON Schema for ${path}: ${(error as Error).message}`);
  }
}

function refuseUnusedSchemas(files: PolicyFiles, categories: ReadonlyMap<string, Category>): void {
  const used = new Set([...categories.values()].map(({ schema }) => schema));
  for (const path of files.keys()) {
    if (path.startsWith('schemas/') && !used.has(path))
      throw new PolicyBookError(path, '', 'no category uses this schema');
  }
}

export interface Tables {
  readonly limits: Limits;
  readonly forbiddenNumbers: ForbiddenNumbers;
  readonly vagueWords: VagueWords;
  readonly roles: readonly Role[];
  /** By code. */
  readonly staffReasons: ReadonlyMap<string, StaffReason>;
}

export function readTables(files: PolicyFiles): Tables {
  const forbiddenNumbers = readYaml(files, 'forbidden-numbers.yaml', forbiddenNumbersSchema);
  refuseDoubles(
    'forbidden-numbers.yaml',
    'kinds',
    forbiddenNumbers.kinds.map(({ kind }) => kind),
  );
  const roles = readYaml(files, 'roles.yaml', z.array(roleSchema).min(1));
  const known = byCode('roles.yaml', roles);
  for (const role of roles) {
    const unknown = role.apartFrom.find((code) => !known.has(code));
    if (unknown !== undefined) throw new PolicyBookError('roles.yaml', role.code, `there is no role ${unknown}`);
  }
  const limits = readYaml(files, 'limits.yaml', limitsSchema);
  const vagueWords = readYaml(files, 'vague-words.yaml', vagueWordsSchema);
  const reasons = readYaml(files, 'staff-reasons.yaml', z.array(staffReasonSchema).min(1));
  return { limits, forbiddenNumbers, vagueWords, roles, staffReasons: byCode('staff-reasons.yaml', reasons) };
}

function byCode<Entry extends { readonly code: string }>(
  path: string,
  entries: readonly Entry[],
): ReadonlyMap<string, Entry> {
  refuseDoubles(
    path,
    '',
    entries.map(({ code }) => code),
  );
  return new Map(entries.map((entry) => [entry.code, entry]));
}

function refuseDoubles(path: string, place: string, codes: readonly string[]): void {
  const double = codes.find((code, position) => codes.indexOf(code) !== position);
  if (double !== undefined) throw new PolicyBookError(path, place, `${double} stands twice`);
}
