#!/usr/bin/env node
/** `azukari <command>`: serve, node, signer, restore, tour, key, log, staff, verify, mirror, witness. Each loads its own part only: a verifier does not wait for the service. */
import { parseArgs } from 'node:util';
import { untilStopped } from './until-stopped.js';

const usage = `usage: azukari <command>

  serve                 start the service (as npm start does)
  node                  a further node of the city that is served from the same data directory
  signer                the signer alone, for that city (with AZUKARI_SIGNER=0 on the others, nobody else signs)
  restore [--from DIR]  bring a database that went back behind its log up to it, from the tiles (or a mirror's directory)
  tour                  the whole job once, on a fresh temporary city
  key …                 rotate or retire the key that signs the log; azukari key shows how
  log …                 begin the log of a new year; azukari log shows how
  staff …               register units, appoint and dismiss staff; azukari staff shows how
  verify …              verify a log, a receipt, two checkpoints, or a resident's list; azukari verify --help
  mirror …              keep a verified copy of a log; azukari mirror --help
  witness …             run a witness of the board's own; azukari witness keygen makes one
`;

const [command, ...args] = process.argv.slice(2);
// Settings are environment variables: an option here is a mistake, and must not start a service that disregards it.
if (['serve', 'node', 'signer', 'tour'].includes(command ?? '') && args.length > 0) {
  if (!args.includes('--help'))
    process.stderr.write(`azukari ${command} takes no options: settings are environment variables\n\n`);
  refuseUsage();
  process.exit();
}
// A verifier or a witness has no use for the whole service: what is not asked for is not loaded.
switch (command) {
  case 'serve':
    process.exitCode = await (await import('./commands.js')).runServe(process.env);
    break;
  case 'node':
    process.exitCode = await (await import('./commands.js')).runNode(process.env);
    break;
  case 'signer':
    process.exitCode = await (await import('./commands.js')).runSigner(process.env);
    break;
  case 'restore':
    process.exitCode = await (await import('./commands.js')).runRestore(process.env, fromOf(args));
    break;
  case 'tour':
    process.exitCode = await (await import('./commands.js')).runTour(process.env);
    break;
  case 'key':
    process.exitCode = await (await import('./key-command.js')).runKey(args, process.env);
    break;
  case 'log':
    process.exitCode = await (await import('./log-command.js')).runLog(args, process.env);
    break;
  case 'staff':
    process.exitCode = await (await import('./staff-command.js')).runStaff(args, process.env);
    break;
  case 'verify':
    process.exitCode = await (
      await import('./transparency-log/verify-command.js')
    ).runVerify(args, { stdout: (text) => void process.stdout.write(text) });
    break;
  case 'witness':
    process.exitCode = await (
      await import('./transparency-log/witness/witness-command.js')
    ).runWitness(
      args,
      { stdout: (text) => void process.stdout.write(text), stderr: (text) => void process.stderr.write(text) },
      untilStopped().promise,
    );
    break;
  case 'mirror': {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const { runMirror } = await import('./transparency-log/mirror/mirror-command.js');
    process.exitCode = await runMirror(args, { stdout: (text) => void process.stdout.write(text) }, stop.signal);
    // A request may be under way that nobody waits for any more.
    if (stop.signal.aborted) process.exit();
    break;
  }
  case undefined:
  default:
    refuseUsage();
}

function fromOf(options: string[]): string | undefined {
  try {
    return parseArgs({ args: options, options: { from: { type: 'string' } } }).values.from;
  } catch {
    refuseUsage();
    process.exit();
  }
}

function refuseUsage(): void {
  process.stderr.write(usage);
  process.exitCode = 2;
}
