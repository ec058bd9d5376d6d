/**
 * `demo.json`: everything a script needs to drive the demo city, secrets included. It exists for demo cities only, readable by its owner alone,
 * and is written last, so that its presence says the founding was completed.
 */
import { findSecretFile, writeSecretFile } from '../database/secret-file.js';

export interface DemoFile {
  baseUrl: string;
  issuer: string;
  /** Where the demo city keeps its policy, residents and log: for people who read this file. */
  city: { name: { ja: string; en: string }; municipalityCode: string };
  log: { origin: string; vkey: string; mirrorToken: string };
  recipients: {
    id: string;
    clientId: string;
    privateJwk: Record<string, unknown>;
    programs: { id: string; name: string; purpose: string; categories: string[]; status: string }[];
  }[];
  sources: {
    id: string;
    token: string;
    categories: string[];
    /** How this source names the shown residents. */
    residents: { login: string; resident: string }[];
  }[];
  residents: { id: string; name: string; login: string; session: string }[];
  board: { id: string; name: string; session: string }[];
  staff: { id: string; name: string; unit: string; session: string }[];
}

export async function readDemoFile(path: string): Promise<DemoFile | null> {
  const text = await findSecretFile(path);
  return text === null ? null : (JSON.parse(text) as DemoFile);
}

export function writeDemoFile(path: string, file: DemoFile): Promise<void> {
  return writeSecretFile(path, `${JSON.stringify(file, null, 2)}\n`);
}
