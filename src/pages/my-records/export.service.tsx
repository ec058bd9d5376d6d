/**
 * What a resident exports: one ZIP with a page to read, the records as JSON-LD, what they are registered with, the receipts of consents, the log
 * entries about them with what opens these, the receipt of the export itself, and a signature over all of it. One at a time on each node,
 * and others get their turn in between: nothing else that the service does takes as long.
 */
import { hash } from 'node:crypto';
import { setImmediate as breathe } from 'node:timers/promises';
import { Inject, Injectable } from '@nestjs/common';
import { type AsyncZippable, zip } from 'fflate';
import { renderToString } from 'preact-render-to-string';
import { RECEIPT_SIGNER, type ReceiptSigner } from '../../consents/consent-receipt.js';
import { signManifest } from '../../consents/export-manifest.js';
import type { City } from '../../database/city.js';
import { HTTP_SETTINGS, type HttpSettings } from '../../http/http-settings.js';
import type { Session } from '../../http/session.js';
import type { OpenedRecord } from '../../vault/opened-records.js';
import { type OwnAccess, OwnAccessService } from '../../vault/own-access.service.js';
import { dayInJapan } from '../dates.js';
import type { Language } from '../language.js';
import { CITY } from '../page-options.js';
import { Records } from './data-view.js';
import { ExportEvidenceService } from './export-evidence.service.js';
import { exportPage } from './export-page.js';
import { OwnDataService } from './own-data.service.js';

/** Records rendered at once. */
const chunk = 50;

@Injectable()
export class ExportService {
  /** The one under way. */
  private before: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly own: OwnAccessService,
    private readonly data: OwnDataService,
    private readonly evidence: ExportEvidenceService,
    @Inject(RECEIPT_SIGNER) private readonly signer: ReceiptSigner,
    @Inject(CITY) private readonly city: City,
    @Inject(HTTP_SETTINGS) private readonly settings: HttpSettings,
  ) {}

  /** Throws as `OwnAccessService.exportAll`. */
  async fileFor(session: Session, language: Language): Promise<{ name: string; zip: Uint8Array }> {
    const after = this.before;
    const file = (async () => {
      await after.catch(() => undefined);
      return this.make(session, language);
    })();
    this.before = file;
    return file;
  }

  private async make(session: Session, language: Language): Promise<{ name: string; zip: Uint8Array }> {
    const access = await this.own.exportAll(session, new Date());
    const files: Record<string, Buffer> = {
      'index.html': Buffer.from(await this.page(access, language)),
      'records.jsonld': await this.linkedData(access),
      'receipt.json': Buffer.from(JSON.stringify(access.receipt, null, 2)),
      ...(await this.evidence.filesOf(session.id)),
    };
    const sha256: Record<string, string> = {};
    for (const [name, content] of Object.entries(files)) {
      sha256[name] = hash('sha256', content);
      await breathe();
    }
    const at = access.at.toISOString();
    const manifest = { at, issuer: this.settings.address.origin, log: this.city.logOrigin, sha256 };
    files['manifest.jws'] = Buffer.from(await signManifest(this.signer, manifest));
    return { name: `azukari-${dayInJapan(access.at)}.zip`, zip: await packed(files, access.at) };
  }

  private async page({ at, records }: OwnAccess, language: Language): Promise<string> {
    const sections: { name: string; count: number; html: string }[] = [];
    const show = await this.data.showing();
    for (const [category, own] of Map.groupBy(records, (record) => record.category)) {
      let html = '';
      for (let from = 0; from < own.length; from += chunk) {
        const shown = own.slice(from, from + chunk).map(show);
        html += renderToString(<Records records={shown} language={language} level="h3" />);
        await breathe();
      }
      sections.push({ name: this.data.nameOf(category)[language], count: own.length, html });
    }
    const city = { ja: this.city.nameJa, en: this.city.nameEn }[language];
    const keysUrl = `${this.settings.address.origin}/.well-known/azukari-receipt-keys`;
    return exportPage({ language, city, at, keysUrl, sections });
  }

  /** Terms of https://w3id.org/dpv, Dublin Core and, for what neither names, our own. A line for each record. */
  private async linkedData({ at, records }: OwnAccess): Promise<Buffer> {
    const context = { dpv: 'https://w3id.org/dpv#', dct: 'http://purl.org/dc/terms/', azukari: 'urn:azukari:' };
    const head = { '@context': context, '@type': 'dpv:PersonalData', 'dct:created': at.toISOString() };
    const parts: Buffer[] = [Buffer.from(`${JSON.stringify(head).slice(0, -1)},"dct:hasPart":[`)];
    for (const [position, record] of records.entries()) {
      parts.push(Buffer.from(`${position === 0 ? '' : ','}\n${JSON.stringify(this.linkedRecord(record))}`));
      if (position % chunk === 0) await breathe();
    }
    parts.push(Buffer.from('\n]}\n'));
    return Buffer.concat(parts);
  }

  private linkedRecord(record: OpenedRecord): unknown {
    const iri = this.data.iriOf(record.category);
    return {
      '@id': `urn:uuid:${record.id}`,
      '@type': [...(iri === undefined ? [] : [iri]), 'dpv:PersonalData'],
      'dct:type': record.category,
      'dct:source': record.sourceId,
      'dct:date': record.date,
      'dct:dateAccepted': record.depositedAt.toISOString(),
      'azukari:version': record.version,
      'azukari:supersededBy': record.supersededBy,
      'azukari:originalMac': record.originalMac,
      'azukari:isReadable': record.data !== undefined,
      // As it came: its own vocabulary (FHIR, Open mHealth, …), not ours.
      'azukari:data': { '@type': '@json', '@value': record.data ?? null },
    };
  }
}

/** Larger files are compressed in a thread of their own. */
function packed(files: Readonly<Record<string, Buffer>>, mtime: Date): Promise<Uint8Array> {
  const all: AsyncZippable = Object.fromEntries(
    Object.entries(files).map(([name, content]) => [name, new Uint8Array(content)]),
  );
  return new Promise((resolve, reject) => {
    zip(all, { mtime }, (error, content) => (error ? reject(error) : resolve(content)));
  });
}
