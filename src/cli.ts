#!/usr/bin/env node
/** `azukari <command>`: serve, tour, verify. */
import { runServe, runTour } from './commands.js';
import { runVerify } from './transparency-log/verify-command.js';

const usage = `usage: azukari <command>

  serve                 start the service (as npm start does)
  tour                  the whole job once, on a fresh temporary city
  verify …              verify a log, a receipt, two checkpoints, or a resident's list; azukari verify --help
`;

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'serve':
    process.exitCode = await runServe(process.env);
    break;
  case 'tour':
    process.exitCode = await runTour(process.env);
    break;
  case 'verify':
    process.exitCode = await runVerify(args, { stdout: (text) => void process.stdout.write(text) });
    break;
  case undefined:
  default:
    process.stderr.write(usage);
    process.exitCode = 2;
}
