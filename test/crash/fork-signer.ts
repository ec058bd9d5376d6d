/** Starts a signer as a process of its own; on request one whose files may not grow, as on a disk that is full. */
import { type ChildProcess, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export interface MortalPlace {
  readonly signerUrl: string;
  readonly keysDirectory: string;
  readonly anchorFile: string;
  readonly tilesDirectory: string;
}

/** @param fileBytesMax in steps of 512 bytes: setrlimit(2), RLIMIT_FSIZE; a write beyond it fails with EFBIG. */
export function forkSigner(place: MortalPlace, fileBytesMax?: number): ChildProcess {
  const program = fileURLToPath(new URL('./mortal-signer.js', import.meta.url));
  const limit = fileBytesMax === undefined ? '' : `ulimit -f ${Math.floor(fileBytesMax / 512)} && `;
  const command = `${limit}exec "$0" --no-warnings --enable-source-maps "$1"`;
  return spawn('sh', ['-c', command, process.execPath, program], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NODE_OPTIONS: '', AZUKARI_TEST_SIGNER: JSON.stringify(place) },
  });
}
