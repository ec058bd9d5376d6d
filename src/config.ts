/**
 * The configuration: read from the environment once, at start, and checked as a whole. A wrong value is named in one sentence, and nothing
 * is started. Everything has a default that suits one machine.
 */
import { fileURLToPath } from 'node:url';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import { usualAnchorDirectory } from './database/anchor-directory.js';
import { readPublicUrl } from './http/public-address.js';

export interface Config {
  /** Where the service listens. 0 chooses a free port. */
  readonly host: string;
  readonly port: number;
  /** PUBLIC_URL, or null: then it follows from where the service listens. */
  readonly publicUrl: string | null;
  /** An external PostgreSQL, 15 or newer: a role that may create roles and databases. Null for the embedded one. */
  readonly databaseUrl: string | null;
  /** The key store's; null for a second database beside the city's. */
  readonly keyDatabaseUrl: string | null;
  /** Absolute. */
  readonly directory: string;
  readonly policies: string;
  /** Absolute: where the signer keeps what it signs. */
  readonly tilesDirectory: string;
  /** Absolute: where the signer keeps the newest checkpoint it signed. */
  readonly anchorDirectory: string;
  readonly demoResidents: number;
  /** Whether a demo city may be founded: on the embedded database, or where AZUKARI_DEMO=1 says so. */
  readonly mayBeDemo: boolean;
  readonly runsSigner: boolean;
  /** Absolute; null: no witnesses, or those that the city remembers. */
  readonly witnesses: { readonly policyFile: string; readonly limitMinutes: number } | null;
}

/** One sentence that names the variable. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const port = z.coerce
  .number('must be a port number')
  .int()
  .min(0, 'must be a port number')
  .max(65535, 'must be a port number');
const postgresUrl = z.url({
  protocol: /^postgres(ql)?$/,
  error: 'must be an address like postgres://user:password@host/database',
});
const flag = z.enum(['0', '1'], 'must be 0 or 1');

const environmentSchema = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: port.default(8480),
  PUBLIC_URL: z
    .string()
    .superRefine((url, context) => {
      try {
        readPublicUrl(url);
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message });
      }
    })
    .optional(),
  DATABASE_URL: postgresUrl.optional(),
  KEY_DATABASE_URL: postgresUrl.optional(),
  AZUKARI_DIRECTORY: z.string().min(1).default('.azukari'),
  AZUKARI_TILES: z.string().min(1).optional(),
  AZUKARI_ANCHOR_DIRECTORY: z.string().min(1).optional(),
  AZUKARI_DEMO: flag.optional(),
  AZUKARI_DEMO_RESIDENTS: z.coerce
    .number('must be a number')
    .int()
    .min(10, 'must be 10 or more')
    .max(100_000)
    .default(1000),
  AZUKARI_SIGNER: flag.default('1'),
  AZUKARI_WITNESS_POLICY: z.string().min(1).optional(),
  AZUKARI_WITNESS_LIMIT_HOURS: z.coerce
    .number('must be a number of hours')
    .int()
    .min(1, 'must be 1 or more')
    .max(24 * 366, 'must be at most a year')
    .default(24),
});

/** The policy folder that belongs to this version. */
export const ownPolicies = fileURLToPath(new URL('../../policies', import.meta.url));

/** @throws ConfigError naming the first variable that is wrong. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>): Config {
  const set = Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
  const parsed = environmentSchema.safeParse(set);
  if (!parsed.success) {
    const issue = parsed.error.issues[0]!;
    throw new ConfigError(`${issue.path.join('.')} is wrong: ${issue.message.replace(/^PUBLIC_URL /, '')}`);
  }
  const values = parsed.data;
  if (values.PUBLIC_URL === undefined && !['127.0.0.1', 'localhost'].includes(values.HOST)) {
    throw new ConfigError(
      'HOST is not this machine alone, so PUBLIC_URL must say under which https address the service is reached',
    );
  }
  const isEmbedded = values.DATABASE_URL === undefined;
  if (isEmbedded && values.KEY_DATABASE_URL !== undefined) {
    throw new ConfigError(
      'KEY_DATABASE_URL is set but DATABASE_URL is not: set both, or neither for the embedded database',
    );
  }
  const { directory, tilesDirectory, anchorDirectory } = placesIn(values);
  return {
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL ?? null,
    databaseUrl: values.DATABASE_URL ?? null,
    keyDatabaseUrl: values.KEY_DATABASE_URL ?? null,
    ...{ directory, tilesDirectory, anchorDirectory },
    policies: ownPolicies,
    demoResidents: values.AZUKARI_DEMO_RESIDENTS,
    mayBeDemo: isEmbedded ? values.AZUKARI_DEMO !== '0' : values.AZUKARI_DEMO === '1',
    runsSigner: values.AZUKARI_SIGNER === '1',
    witnesses:
      values.AZUKARI_WITNESS_POLICY === undefined
        ? null
        : {
            policyFile: resolve(values.AZUKARI_WITNESS_POLICY),
            limitMinutes: values.AZUKARI_WITNESS_LIMIT_HOURS * 60,
          },
  };
}

/** The signer takes the anchor's directory for itself while it leads: one that another part has, or a process holds, would never be its own. */
function placesIn(values: z.infer<typeof environmentSchema>) {
  const directory = resolve(values.AZUKARI_DIRECTORY);
  const tilesDirectory = resolve(values.AZUKARI_TILES ?? join(directory, 'tiles'));
  const anchorDirectory = resolve(values.AZUKARI_ANCHOR_DIRECTORY ?? usualAnchorDirectory(directory));
  const taken = [directory, tilesDirectory, ...['cluster', 'keys', 'journal'].map((part) => join(directory, part))];
  if (taken.includes(anchorDirectory))
    throw new ConfigError('AZUKARI_ANCHOR_DIRECTORY is wrong: it must be a directory for the anchor alone');
  return { directory, tilesDirectory, anchorDirectory };
}
