/**
 * A disk that keeps what was waited for, and of the rest whatever it likes: what fsync(2) promises, and nothing more. A name is there once its directory
 * was waited for, bytes are there once their file was.
 */
import { dirname } from 'node:path';

/** What was done to the disk, in order. Files are numbered. */
export type Act =
  | { readonly what: 'file'; readonly path: string; readonly file: number }
  | { readonly what: 'directory'; readonly path: string }
  | { readonly what: 'write'; readonly file: number; readonly bytes: Uint8Array }
  | { readonly what: 'rename'; readonly path: string; readonly to: string }
  | { readonly what: 'remove'; readonly path: string }
  | { readonly what: 'wait for bytes'; readonly file: number }
  | { readonly what: 'wait for names'; readonly path: string }
  | { readonly what: 'signed'; readonly size: number };

/** What becomes of that which was not waited for. */
export interface Loss {
  keepsName(): boolean;
  bytesLeft(bytes: Buffer): Buffer;
}

type Place = number | 'directory';
/** Sets what stands under these names; null: nothing does. */
type Change = readonly (readonly [path: string, place: Place | null])[];

class Names {
  private readonly kept = new Map<string, Place>();
  private readonly now = new Map<string, Place>();
  private readonly waiting = new Map<string, Change[]>();

  change(path: string, change: Change): void {
    apply(this.now, change);
    const directory = dirname(path);
    this.waiting.set(directory, [...(this.waiting.get(directory) ?? []), change]);
  }

  at(path: string): Place | null {
    return this.now.get(path) ?? null;
  }

  waitFor(directory: string): void {
    for (const change of this.waiting.get(directory) ?? []) apply(this.kept, change);
    this.waiting.delete(directory);
  }

  /** The files that are left, in directories that are. */
  after(loss: Loss, root: string): [path: string, file: number][] {
    const left = new Map(this.kept);
    for (const change of [...this.waiting.values()].flat()) if (loss.keepsName()) apply(left, change);
    const isThere = (path: string): boolean =>
      path === root || (left.get(path) === 'directory' && isThere(dirname(path)));
    return [...left].filter(
      (entry): entry is [string, number] => entry[1] !== 'directory' && isThere(dirname(entry[0])),
    );
  }
}

function apply(names: Map<string, Place>, change: Change): void {
  for (const [path, place] of change) {
    if (place === null) names.delete(path);
    else names.set(path, place);
  }
}

/** The files below `root`, which was always there, when the power failed after these acts. */
export function filesAfter(acts: readonly Act[], loss: Loss, root: string): Map<string, Buffer> {
  const names = new Names();
  const files = new Map<number, { bytes: Uint8Array[]; waitedFor: number }>();
  for (const act of acts) {
    if (act.what === 'file') {
      files.set(act.file, { bytes: [], waitedFor: 0 });
      names.change(act.path, [[act.path, act.file]]);
    } else if (act.what === 'directory') names.change(act.path, [[act.path, 'directory']]);
    else if (act.what === 'write') files.get(act.file)!.bytes.push(act.bytes);
    else if (act.what === 'rename')
      names.change(act.path, [
        [act.path, null],
        [act.to, names.at(act.path)],
      ]);
    else if (act.what === 'remove') names.change(act.path, [[act.path, null]]);
    else if (act.what === 'wait for bytes') files.get(act.file)!.waitedFor = files.get(act.file)!.bytes.length;
    else if (act.what === 'wait for names') names.waitFor(act.path);
  }
  const contentOf = (file: number) => {
    const { bytes, waitedFor } = files.get(file)!;
    return Buffer.concat([...bytes.slice(0, waitedFor), loss.bytesLeft(Buffer.concat(bytes.slice(waitedFor)))]);
  };
  return new Map(names.after(loss, root).map(([path, file]) => [path, contentOf(file)]));
}
