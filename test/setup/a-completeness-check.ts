/** What a resident has at home: the two files they took with them, and the verifier. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CompletenessFile } from '../../src/transparency-log/completeness/completeness-file.js';
import { runVerify } from '../../src/transparency-log/verify-command.js';
import { type DemoResident, must, type Town } from './a-town.js';
import { aTemporaryDirectory } from './leftovers.js';

export interface Verdict {
  exitCode: 0 | 1 | 2;
  printed: string;
}

export class AtHome {
  private constructor(
    private readonly town: Town,
    private readonly directory: string,
  ) {}

  static async of(town: Town): Promise<AtHome> {
    return new AtHome(town, await aTemporaryDirectory());
  }

  /** What this service says of itself. */
  async claimed(resident: DemoResident): Promise<{
    upTo: string | null;
    unlisted: { log: string | null; index: number }[];
    foreign: string[];
    isProved: boolean;
  }> {
    return must(await this.get(resident, '/v1/me/completeness')).json as never;
  }

  async completenessFile(resident: DemoResident): Promise<CompletenessFile> {
    return must(await this.get(resident, '/v1/me/completeness-file')).json as unknown as CompletenessFile;
  }

  /** Has the log indexed now, as a board member asks for it, and waits until the index is covered by a checkpoint. */
  async indexed(): Promise<{ from: number; to: number; n: number; entry: number }> {
    const headers = { cookie: this.town.demo.board[0]!.session };
    const answer = await this.town.http.ask(this.town.base, {
      method: 'POST',
      path: '/v1/log/indexes',
      headers,
      body: {},
    });
    const index = must(answer, 201).json as { from: number; to: number; n: number; entry: number };
    await this.published(index.entry);
    return index;
  }

  /** Waits until the entry is covered by a checkpoint. */
  async published(entry: number): Promise<void> {
    for (let attempt = 0; attempt < 200; attempt++) {
      const [, size] = (await (await fetch(`${this.town.base}/log/checkpoint`)).text()).split('\n');
      if (Number(size) > entry) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`entry ${entry} was not published`);
  }

  /** `azukari verify subject` with a file, held against the log where asked. */
  async verifyFile(
    resident: DemoResident,
    file: CompletenessFile | string,
    options: { log?: boolean } = {},
  ): Promise<Verdict> {
    const text = typeof file === 'string' ? file : JSON.stringify(file);
    const path = await this.write('completeness.json', text);
    return this.verify('subject', path, ...(await this.key(resident)), ...(options.log ? ['--log', this.log] : []));
  }

  /** `azukari verify subject` with files of several logs; keys of all but the first are given. */
  async verifyFiles(resident: DemoResident, files: readonly CompletenessFile[], keys: string[]): Promise<Verdict> {
    const paths: string[] = [];
    for (const [number, file] of files.entries()) {
      paths.push(await this.write(`completeness-${number}.json`, JSON.stringify(file)));
    }
    return this.verify('subject', ...paths, ...(await this.key(resident)), ...keys);
  }

  /** `azukari verify subject` with the log itself. */
  async searchLog(resident: DemoResident): Promise<Verdict> {
    return this.verify('subject', this.log, ...(await this.key(resident)));
  }

  /** `azukari verify index` or `azukari verify log`, as anybody with a mirror's token. */
  async audit(what: 'index' | 'log'): Promise<Verdict> {
    return this.verify(what, this.log);
  }

  async verify(...args: string[]): Promise<Verdict> {
    const printed: string[] = [];
    const exitCode = await runVerify(
      [...args, '--vkey', this.town.demo.log.vkey],
      { stdout: (text) => void printed.push(text) },
      { AZUKARI_MIRROR_TOKEN: this.town.demo.log.mirrorToken },
    );
    return { exitCode, printed: printed.join('') };
  }

  async key(resident: DemoResident): Promise<string[]> {
    const { text } = must(await this.get(resident, '/v1/me/identifier-key'));
    return ['--key-file', await this.write(`${resident.login}.json`, text)];
  }

  async write(name: string, content: string): Promise<string> {
    await writeFile(join(this.directory, name), content);
    return join(this.directory, name);
  }

  private get log(): string {
    return `${this.town.base}/log`;
  }

  private get(resident: DemoResident, path: string) {
    return this.town.http.ask(this.town.base, { path, headers: { cookie: resident.session } });
  }
}
