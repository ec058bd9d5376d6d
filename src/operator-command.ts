/** The manner of the commands by which an operator changes what stands in the log: `azukari key`, `azukari log`. */
import { told } from './commands.js';
import { readConfig } from './config.js';
import { type OperatorAccess, withOperatorAccess } from './operator-access.js';

export type Say = (text: string) => void;
/** Returns the exit code. */
export type Work = (access: OperatorAccess, say: Say) => Promise<number>;

export interface Call {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly usage: string;
  readonly say: Say | undefined;
}

/** @param work null: wrong usage. Exit code 0: done, 1: not done and why, 2: wrong usage. */
export async function runAsOperator(work: Work | null, { environment, usage, say }: Call): Promise<number> {
  if (work === null) {
    process.stderr.write(usage);
    return 2;
  }
  const tell: Say = say ?? ((text) => void process.stdout.write(text));
  return told(() => withOperatorAccess(readConfig(environment), (access) => work(access, tell)));
}
