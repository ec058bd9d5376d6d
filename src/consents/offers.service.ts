/**
 * What a resident can be asked: an active program, its recipient, the board's approval, and the notice to be shown. Nothing can be asked
 * that the board has not approved or that the policy forbids for someone of the resident's age.
 */
import { Inject, Injectable } from '@nestjs/common';
import { invariant, Mistake } from '../kernel/errors.js';
import type { Uuid } from '../kernel/ids.js';
import { type PolicyBook, requireCategory, requirePurpose } from '../policy/policy-book.js';
import { POLICY_BOOK } from '../policy/policy.module.js';
import { policyTermsOf } from '../policy/policy-terms.js';
import { mayStill } from '../policy/status-matrix.js';
import type { Program } from '../programs/program.entity.js';
import { ProgramsService } from '../programs/programs.service.js';
import type { Recipient } from '../recipients/recipient.entity.js';
import { RecipientsService } from '../recipients/recipients.service.js';
import { ageBandAt } from '../residents/age-band.js';
import type { Resident } from '../residents/resident.entity.js';
import { ResidentsService } from '../residents/residents.service.js';
import { type Consent, type ConsentItem, decodeItem } from './consent.entity.js';
import { type ConsentNotice, consentNotice, type NoticeLanguage } from './consent-notice.js';
import { RECEIPT_SIGNER, ReceiptSigner, type ReceiptFacts } from './consent-receipt.js';
import { OPERATOR, type Operator } from './operator.js';

export interface Offer {
  program: Program;
  recipient: Recipient;
  resident: Resident;
  notice: ConsentNotice;
}

type Signed = Pick<ReceiptFacts, 'consentId' | 'pairwiseId' | 'at' | 'endsAt' | 'state'> & { items: readonly string[] };

/** What is kept of the notice with the answer. */
interface ShownNotice {
  version: string;
  language: NoticeLanguage;
  sha256: Buffer;
}

@Injectable()
export class OffersService {
  constructor(
    private readonly programs: ProgramsService,
    private readonly recipients: RecipientsService,
    private readonly residents: ResidentsService,
    @Inject(POLICY_BOOK) private readonly book: PolicyBook,
    @Inject(RECEIPT_SIGNER) private readonly signer: ReceiptSigner,
    @Inject(OPERATOR) private readonly operator: Operator,
  ) {}

  /** The offer of the program in force. Throws `not-found`, or `not-approved` when nobody may be asked about it (now). */
  async require(residentId: Uuid, programId: string, language: NoticeLanguage): Promise<Offer> {
    const program = await this.programs.findActive(programId);
    if (program === null) {
      await this.programs.requireNewest(programId);
      throw notAskable();
    }
    const [recipient, resident, decisions] = await Promise.all([
      this.recipients.require(program.recipientId),
      this.residents.require(residentId),
      this.programs.decisionsOn(programId),
    ]);
    const standing = { recipient: recipient.status, program: program.status };
    if (!mayStill(this.book.statuses, 'ask', standing) || program.endsAt <= new Date()) throw notAskable();
    const approval = decisions.find(({ id }) => id === program.decisionId)!;
    return {
      program,
      recipient,
      resident,
      notice: consentNotice(program, recipient, approval.reason, this.book, language),
    };
  }

  /** The digest of the policy this node decides by. */
  get policy(): string {
    return this.book.digest;
  }

  /** Throws `unknown-purpose` or `unknown-category` unless the catalogue has them all. */
  requireKnown(items: readonly ConsentItem[]): void {
    for (const { purpose, category } of items) {
      requirePurpose(this.book, purpose);
      requireCategory(this.book, category);
    }
  }

  /** Throws `unacceptable-items` unless every item is one of the program's and the policy permits it for this resident. */
  requireItems({ program, recipient, resident }: Offer, items: readonly string[]): void {
    if (items.length === 0) throw new Mistake('unacceptable-items', 'choose at least one item, or refuse');
    const { terms } = program.application;
    for (const item of items) {
      const { purpose, category } = decodeItem(item);
      if (!terms.items.some((offered) => offered.purpose === purpose && offered.category === category)) {
        throw new Mistake('unacceptable-items', 'an item is not one of the program', { item });
      }
      const decision = this.book.decide({
        action: 'consent',
        recipient: { id: recipient.id, kind: recipient.kind, country: recipient.country },
        ...{ purpose, categories: [category], residentAge: ageBandAt(resident, new Date()) },
        terms: policyTermsOf(terms, purpose, this.book),
      });
      if (!decision.permitted) {
        const reasons = decision.reasons.map(({ rule, sentence }) => ({ rule, ...sentence }));
        throw new Mistake('policy-forbids', 'the policy forbids this consent', { reasons });
      }
    }
  }

  /** The signed receipt of an answer to this offer. */
  signReceipt({ program, recipient, notice }: Offer, signed: Signed): Promise<string> {
    return this.sign(program, recipient, signed, {
      ...{ version: noticeName(notice), language: notice.language, sha256: notice.sha256 },
    });
  }

  /** The signed receipt of what is left of a consent: the notice is the one that was shown when it was given. */
  async signReceiptOfRest(consent: Consent, signed: Signed): Promise<string> {
    const [program, recipient] = await Promise.all([
      this.programs.findVersion(consent.programId, consent.programVersion),
      this.recipients.require(consent.recipientId),
    ]);
    invariant(program !== null, 'a consent is to a version that was submitted');
    const language = consent.noticeLocale === 'en' ? 'en' : 'ja';
    return this.sign(program, recipient, signed, {
      ...{ version: consent.noticeVersion, language, sha256: consent.noticeSha256 },
    });
  }

  private sign(program: Program, recipient: Recipient, signed: Signed, shown: ShownNotice): Promise<string> {
    const { terms, title } = program.application;
    const { language } = shown;
    return this.signer.sign({
      ...signed,
      recipient: { id: recipient.id, name: language === 'ja' ? recipient.nameJa : recipient.nameEn },
      operator: { name: this.operator.name[language], municipality: this.operator.municipality },
      program: { id: program.id, version: program.version, title: title[language] },
      items: signed.items.map((item) => this.receiptItem(program, item)),
      ...{ retentionDays: terms.retentionDays, region: terms.region, policy: this.book.digest },
      notice: { version: shown.version, locale: language, sha256: shown.sha256 },
      publicUrl: this.operator.publicUrl,
    });
  }

  private receiptItem(program: Program, item: string): ReceiptFacts['items'][number] {
    const { purpose, category } = decodeItem(item);
    const { fields } = program.application.terms.items.find(
      (own) => own.purpose === purpose && own.category === category,
    )!;
    const { dpv: purposeIri } = this.book.purposes.get(purpose)!;
    return { purpose, category, purposeIri, categoryIri: this.book.categories.get(category)!.dpv, fields };
  }
}

/** Code and version, as they stand with the consent: `consent/1`. */
export function noticeName(notice: ConsentNotice): string {
  return `${notice.code}/${notice.version}`;
}

function notAskable(): Mistake {
  return new Mistake('not-approved', 'nobody can be asked about a program that is not active');
}
