/**
 * What the tests of one run know of their database cluster: handed from Jest's global setup to its workers through the
 * environment. One migrated template per kind of database, which every test file copies (about 30 ms).
 */
export interface TestCluster {
  adminUrl: string;
  /** The run's temporary directory. */
  directory: string;
  /** Role name → password. */
  rolePasswords: Record<string, string>;
  /** Why there is no template to copy, where a migration failed. */
  failure?: string;
}

export const cityTemplate = 'azukari_template_city';
export const keysTemplate = 'azukari_template_keys';

const variable = 'AZUKARI_TEST_CLUSTER';

export function announceTestCluster(cluster: TestCluster): void {
  process.env[variable] = JSON.stringify(cluster);
}

/** The run's temporary directory, also where the migrations have failed. */
export function theRunsOwn(): string {
  return announced().directory;
}

function announced(): TestCluster {
  const text = process.env[variable];
  if (text === undefined) throw new Error('no test cluster: run the tests with npm test');
  return JSON.parse(text) as TestCluster;
}

export function requireTestCluster(): TestCluster {
  const cluster = announced();
  if (cluster.failure !== undefined) throw new Error(cluster.failure);
  return cluster;
}
