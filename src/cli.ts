#!/usr/bin/env node
/** `azukari <command>`: serve, tour, verify, witness. */
import { runVerify } from './transparency-log/verify-command.js';
import { runWitness } from './transparency-log/witness/witness-command.js';
import { untilStopped } from './until-stopped.js';

const usage = `usage: azukari <command>

  serve                 start the service (as npm start does)
  tour                  the whole job once, on a fresh temporary city
  verify …              verify a log, a receipt or two checkpoints; azukari verify --help
  witness …             run a witness of the board's own; azukari witness keygen makes one
`;

const [command, ...args] = process.argv.slice(2);
// A verifier or a witness has no use for the whole service: what is not asked for is not loaded.
switch (command) {
  case 'serve':
    process.exitCode = await (await import('./commands.js')).runServe(process.env);
    break;
  case 'tour':
    process.exitCode = await (await import('./commands.js')).runTour(process.env);
    break;
  case 'verify':
    process.exitCode = await runVerify(args, { stdout: (text) => void process.stdout.write(text) });
    break;
  case 'witness':
    process.exitCode = await runWitness(
      args,
      { stdout: (text) => void process.stdout.write(text), stderr: (text) => void process.stderr.write(text) },
      untilStopped().promise,
    );
    break;
  case undefined:
  default:
    process.stderr.write(usage);
    process.exitCode = 2;
}
