/**
 * `azukari witness`: runs a witness on a machine of the board's own. Needs a key, a directory to remember in, and the public keys of the
 * logs; neither a database server nor the operator. Exit codes: 0 stopped when told to, 1 it cannot run, 2 wrong usage.
 */
import { existsSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DatabaseStartError } from '../../database/database-start-error.js';
import { findSecretFile, writeSecretFile } from '../../database/secret-file.js';
import { sha256, toHex, utf8 } from '../../kernel/bytes.js';
import { systemClock } from '../../kernel/clock.js';
import { VerificationError } from '../finding.js';
import {
  encodeVerifierKey,
  generateNoteKey,
  parseSigningKey,
  parseVerifierKey,
  type VerifierKey,
} from '../note-key.js';
import { type Misbehaviour, Witness } from './witness.js';
import { witnessServer } from './witness-server.js';
import { WitnessStartError, WitnessState } from './witness-state.js';

export const witnessUsage = `Usage:
  azukari witness keygen --name <name> --key <file> --state <directory>
  azukari witness --listen <host>:<port> --key <file> --state <directory> [--log <key>]… [--logs <file>]

  keygen makes a new witness: its secret key, and the directory in which it remembers what it cosigned
  --name <name>       like witness.example.jp/board: says whose witness it is; need not be an address
  --listen            where requests come in, as plain HTTP: 127.0.0.1:8481 behind something that speaks https
  --log <key>         the public key of a log to witness, got from somebody you trust; any number
  --logs <file>       holds such keys, one a line; a line that begins with # is a comment
`;

export interface WitnessOutput {
  stdout(text: string): void;
  stderr(text: string): void;
}

class UsageError extends Error {}

/** @param args what follows `azukari witness`. @param stopped resolves when the witness is to stop. */
export async function runWitness(
  args: readonly string[],
  output: WitnessOutput,
  stopped: Promise<unknown>,
): Promise<0 | 1 | 2> {
  if (args.includes('--help')) {
    output.stdout(witnessUsage);
    return 0;
  }
  try {
    if (args[0] === 'keygen') await makeWitness(args.slice(1), output);
    else await serveUntil(stopped, args, output);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) {
      output.stderr(`${error.message}\n\n${witnessUsage}`);
      return 2;
    }
    const isKnown = error instanceof VerificationError || error instanceof WitnessStartError;
    const isSystem = typeof (error as NodeJS.ErrnoException).code === 'string';
    if (!isKnown && !isSystem && !(error instanceof DatabaseStartError)) throw error;
    output.stderr(`azukari witness: ${(error as Error).message}\n`);
    return 1;
  }
}

async function makeWitness(args: string[], output: WitnessOutput): Promise<void> {
  const { name, key, state } = parse(args, ['name', 'key', 'state']);
  if (name === undefined || key === undefined || state === undefined) throw new UsageError('a name is missing');
  if ((await findSecretFile(key)) !== null) throw new WitnessStartError(`${key} exists already and is left as it is`);
  const { skey, vkey } = generateNoteKey(name, 'cosignature');
  WitnessState.create(state, vkey);
  await writeSecretFile(key, `${skey}\n`);
  output.stdout(`${vkey}\n`);
}

async function serveUntil(stopped: Promise<unknown>, args: readonly string[], output: WitnessOutput): Promise<void> {
  const { listen, key: keyFile, state: directory, log = [], logs: logsFile } = parse(args, ['listen', 'key', 'state']);
  const address = /^(?:\[([0-9a-f:.]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(listen ?? '');
  if (!address || Number(address[3]) > 65535) throw new UsageError('say where to listen: --listen 127.0.0.1:8481');
  if (keyFile === undefined || directory === undefined) throw new UsageError('name the key and the state');
  const skey = await findSecretFile(keyFile);
  if (skey === null) throw new WitnessStartError(`there is no key in ${keyFile}; azukari witness keygen makes one`);
  const key = parseSigningKey(skey.trim());
  if (key.type !== 'cosignature') throw new WitnessStartError(`the key in ${keyFile} is not a witness's`);
  const logs = readLogKeys([...log, ...(logsFile === undefined ? [] : (await readFile(logsFile, 'utf8')).split('\n'))]);
  if (logs.length === 0) throw new UsageError('name a log to witness');
  const state = WitnessState.open(directory, encodeVerifierKey(key));
  try {
    const report = (found: Misbehaviour) => output.stderr(`${keepEvidence(join(directory, 'evidence'), found)}\n`);
    const witness = new Witness(key, logs, state, systemClock, report);
    const server = witnessServer(witness, (error) => output.stderr(`cannot cosign: ${String(error)}\n`));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject).listen(Number(address[3]), address[1] ?? address[2], resolve);
    });
    const { port } = server.address() as AddressInfo;
    output.stdout(`witness ${key.name} listens at http://${listen!.slice(0, listen!.lastIndexOf(':'))}:${port}\n`);
    await stopped;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  } finally {
    state.close();
  }
}

function parse(args: readonly string[], required: readonly string[]) {
  const texts = { name: { type: 'string' }, listen: { type: 'string' }, key: { type: 'string' } } as const;
  const others = {
    state: { type: 'string' },
    log: { type: 'string', multiple: true },
    logs: { type: 'string' },
  } as const;
  try {
    const { values } = parseArgs({ args: [...args], options: { ...texts, ...others }, strict: true });
    const missing = required.find((option) => (values as Record<string, unknown>)[option] === undefined);
    if (missing !== undefined) throw new UsageError(`--${missing} is missing`);
    return values;
  } catch (error) {
    throw error instanceof UsageError ? error : new UsageError((error as Error).message);
  }
}

function readLogKeys(lines: readonly string[]): VerifierKey[] {
  const vkeys = lines.map((line) => line.trim()).filter((line) => line !== '' && !line.startsWith('#'));
  const keys = [...new Set(vkeys)].map(parseVerifierKey);
  if (keys.some(({ type }) => type !== 'ed25519')) throw new WitnessStartError('a log key is of type 1 (Ed25519)');
  return keys;
}

/** Only a log that signed two histories makes us keep a file, one for each pair of roots. One more than these would show nothing new. */
const evidenceMax = 1024;

/** Keeps both statements in a file. Returns what to tell. */
function keepEvidence(directory: string, { origin, held, size, root, request }: Misbehaviour): string {
  const pair = `${origin}\n${held.size} ${toHex(held.root)}\n${size} ${toHex(root)}\n`;
  const file = join(directory, `${toHex(sha256(utf8(pair))).slice(0, 32)}.txt`);
  const told = `${origin} signed two histories; nothing was cosigned`;
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    if (!existsSync(file)) {
      if (readdirSync(directory).length >= evidenceMax) return `${told}; there is evidence enough in ${directory}`;
      writeFileSync(`${file}.new`, `cosigned before:\n\n${held.note}\nnow asked for:\n\n${request}`, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    }
    return `${told}; both statements are in ${file}`;
  } catch (error) {
    return `${told}; the statements could not be kept (${(error as Error).message}): ${JSON.stringify([held.note, request])}`;
  }
}
