#!/usr/bin/env node
/** `azukari <command>`: serve, node, signer, tour, verify. */
import { runNode, runServe, runSigner, runTour } from './commands.js';
import { runVerify } from './transparency-log/verify-command.js';

const usage = `usage: azukari <command>

  serve                 start the service (as npm start does)
  node                  a further node of the city that is served from the same data directory
  signer                the signer alone, for that city (with AZUKARI_SIGNER=0 on the others, nobody else signs)
  tour                  the whole job once, on a fresh temporary city
  verify …              verify a log, a receipt or two checkpoints; azukari verify --help
`;

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'serve':
    process.exitCode = await runServe(process.env);
    break;
  case 'node':
    process.exitCode = await runNode(process.env);
    break;
  case 'signer':
    process.exitCode = await runSigner(process.env);
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
