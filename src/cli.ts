#!/usr/bin/env node
/** `azukari <command>`: serve, tour, verify, mirror. Each loads its own part only: a verifier neither needs nor waits for the service. */

export {};

const usage = `usage: azukari <command>

  serve                 start the service (as npm start does)
  tour                  the whole job once, on a fresh temporary city
  verify …              verify a log, a receipt or two checkpoints; azukari verify --help
  mirror …              keep a verified copy of a log; azukari mirror --help
`;

const [command, ...args] = process.argv.slice(2);
switch (command) {
  case 'serve':
    process.exitCode = await (await import('./commands.js')).runServe(process.env);
    break;
  case 'tour':
    process.exitCode = await (await import('./commands.js')).runTour(process.env);
    break;
  case 'verify':
    process.exitCode = await (
      await import('./transparency-log/verify-command.js')
    ).runVerify(args, { stdout: (text) => void process.stdout.write(text) });
    break;
  case 'mirror': {
    const stop = new AbortController();
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
    const { runMirror } = await import('./transparency-log/mirror/mirror-command.js');
    process.exitCode = await runMirror(args, { stdout: (text) => void process.stdout.write(text) }, stop.signal);
    break;
  }
  case undefined:
  default:
    process.stderr.write(usage);
    process.exitCode = 2;
}
