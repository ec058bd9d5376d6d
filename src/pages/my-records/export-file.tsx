/**
 * What a resident takes out: one ZIP with a page to read, the records as JSON-LD, the receipts of consents, the log entries about them, the receipt
 * of the export itself, and a signature over all of it (a compact JWS, RFC 7515, by the key at `/.well-known/azukari-receipt-keys`).
 */
import { hash } from 'node:crypto';
import { strToU8, zipSync } from 'fflate';
import type { Consent } from '../../consents/consent.entity.js';
import type { ReceiptSigner } from '../../consents/consent-receipt.js';
import { dayInJapan, InstantWithSeconds } from '../dates.js';
import { formatNumber, type Language } from '../language.js';
import { renderPage } from '../render.js';
import type { Use } from '../../residents/uses.service.js';
import type { OwnAccess } from '../../vault/own-access.service.js';
import { dataText } from './data-text.js';
import { Records, type ShownData } from './data-view.js';

export interface ExportParts {
  readonly language: Language;
  /** Name of the city, in that language. */
  readonly city: string;
  readonly access: OwnAccess;
  readonly shown: ShownData;
  readonly consents: readonly Consent[];
  /** Every entry about the resident, newest first. */
  readonly uses: readonly Use[];
  /** IRI of a category in the Data Privacy Vocabulary, where the catalogue knows it. */
  readonly iriOf: (category: string) => string | undefined;
}

export async function exportFile(
  parts: ExportParts,
  signer: ReceiptSigner,
): Promise<{ name: string; zip: Uint8Array }> {
  const files: Record<string, string> = {
    'index.html': renderPage(<Reading {...parts} />),
    'records.jsonld': json(linkedData(parts)),
    'uses.json': json(parts.uses),
    'receipt.json': json(parts.access.receipt),
    ...Object.fromEntries(parts.consents.map(({ id, receipt }) => [`consents/${id}.jws`, receipt])),
  };
  const hashes = Object.fromEntries(Object.entries(files).map(([name, text]) => [name, hash('sha256', text)]));
  const signed = await signer.signManifest({ at: parts.access.at.toISOString(), sha256: hashes });
  const all = { ...files, 'manifest.jws': signed };
  const zip = zipSync(Object.fromEntries(Object.entries(all).map(([name, text]) => [name, strToU8(text)])), {
    mtime: parts.access.at,
  });
  return { name: `azukari-${dayInJapan(parts.access.at)}.zip`, zip };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** Terms of https://w3id.org/dpv, Dublin Core and, for what neither names, our own. */
function linkedData({ access, iriOf }: ExportParts): unknown {
  return {
    '@context': { dpv: 'https://w3id.org/dpv#', dct: 'http://purl.org/dc/terms/', azukari: 'urn:azukari:' },
    '@type': 'dpv:PersonalData',
    'dct:created': access.at.toISOString(),
    'dct:hasPart': access.records.map((record) => ({
      '@id': `urn:uuid:${record.id}`,
      '@type': [iriOf(record.category), 'dpv:PersonalData'].filter((type) => type !== undefined),
      'dct:identifier': record.category,
      'dct:source': record.sourceId,
      'dct:date': record.date,
      'dct:dateAccepted': record.depositedAt.toISOString(),
      'azukari:version': record.version,
      'azukari:supersededBy': record.supersededBy,
      'azukari:originalMac': record.originalMac,
      // As it came: its own vocabulary (FHIR, Open mHealth, …), not ours.
      'azukari:data': { '@type': '@json', '@value': record.data ?? null },
    })),
  };
}

const style = `body{font-family:system-ui,sans-serif;line-height:1.7;max-width:48rem;margin:2rem auto;padding:0 1rem}
ol{list-style:none;padding:0}.card{border:1px solid #949494;border-radius:.5rem;padding:1rem;margin:1rem 0}
dl.facts>div{display:grid;grid-template-columns:minmax(8rem,1fr) 2fr;gap:.5rem}dt{font-weight:700}dd{margin:0;overflow-wrap:anywhere}
pre{overflow:auto;background:#f2f2f2;padding:1rem}.card-title{margin:0;font-size:1.1rem}.note{color:#595959;margin:0}`;

function Reading({ language, city, shown }: ExportParts) {
  const text = dataText[language];
  const categories = [...new Set(shown.records.map(({ category }) => category.code))];
  return (
    <html lang={language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>{text.fileTitle}</title>
        <style>{style}</style>
      </head>
      <body>
        <h1>{text.fileTitle}</h1>
        <p>{text.fileLead(city, <InstantWithSeconds at={shown.at} language={language} />)}</p>
        <p>
          <strong>{text.fileCare}</strong>
        </p>
        <p>{text.fileSigned}</p>
        <p>{text.consents}</p>
        {categories.length === 0 && <p>{text.none}</p>}
        {categories.map((code) => {
          const records = shown.records.filter(({ category }) => category.code === code);
          return (
            <section key={code}>
              <h2>
                {records[0]!.category.name[language]} ({text.count(formatNumber(records.length))})
              </h2>
              <Records records={records} language={language} level="h3" />
            </section>
          );
        })}
      </body>
    </html>
  );
}
