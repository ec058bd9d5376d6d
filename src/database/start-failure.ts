/** Reads what PostgreSQL wrote when it did not start, and turns it into one code and one sentence. Pure. */
import { DatabaseStartError, type DatabaseStartCode } from './database-start-error.js';

export const remedy = 'keep a copy of the directory and restore it from a backup';

/** The first that matches decides; PostgreSQL's messages are in the C locale. */
const causes: readonly (readonly [RegExp, DatabaseStartCode, string])[] = [
  [
    /Permission denied|wrong ownership|invalid permissions/,
    'unusable-directory',
    'its files are not open to this user alone; the service must own them, with mode 0700',
  ],
  [/No space left on device|Disk quota exceeded/, 'disk-full', 'the disk is full'],
  [
    /cannot be run (as|by) "?root|Operation not permitted|could not look up effective user/,
    'cannot-run-here',
    'PostgreSQL may not run as this user',
  ],
  [
    /pg_control|incompatible with server|checkpoint record|invalid checksum|checksum|invalid page|could not (open|read|access|locate)|invalid (primary|data)|not a valid data directory|corrupt|PG_VERSION/i,
    'damaged-directory',
    `its files are damaged; ${remedy}`,
  ],
];

/** Two that pass by themselves: the port was taken meanwhile, or a dead postmaster's children are not gone yet. */
export function isWorthAnotherTry(log: string): boolean {
  return /Address already in use|pre-existing shared memory block|lock file "postmaster.pid" already exists/.test(log);
}

/** @param log what initdb or postgres wrote; its last severe line is quoted */
export function asStartError(directory: string, log: string, cause: unknown): DatabaseStartError {
  const lines = log.split('\n').map((line) => line.trim());
  const quoted = (
    lines.findLast((line) => /PANIC:|FATAL:|error:|Error:/.test(line)) ??
    lines.findLast((line) => line) ??
    ''
  )
    .replace(/^.*?(PANIC|FATAL|error|Error):\s*/, '')
    .slice(0, 300);
  const [, code, because] = causes.find(([pattern]) => pattern.test(log)) ?? [
    null,
    'did-not-start' as const,
    'see server.log beside it',
  ];
  const sentence = `the database in ${directory} does not start: ${because} (PostgreSQL says: ${quoted})`;
  return new DatabaseStartError(code, sentence, { cause });
}

/** SQLSTATEs of a server that runs but misses what every cluster has: manual, appendix "PostgreSQL Error Codes". */
const damage = new Set(['3D000', '58030', '58P01', 'XX000', 'XX001', 'XX002']);

/** For a server that started and then did not let its superuser in. */
export function asAnswerError(directory: string, cause: unknown): DatabaseStartError {
  const { code = '', message } = cause as { code?: string; message: string };
  if (code === '28P01') {
    const sentence = `the database in ${directory} refuses the password in its file superuser-password`;
    return new DatabaseStartError('password-lost', sentence, { cause });
  }
  const because = damage.has(code) ? `its files are damaged; ${remedy}` : 'it started but does not answer';
  const sentence = `the database in ${directory} does not start: ${because} (PostgreSQL says: ${message})`;
  return new DatabaseStartError(damage.has(code) ? 'damaged-directory' : 'did-not-start', sentence, { cause });
}
