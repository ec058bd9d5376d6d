/** What stands beside the records in an export: registration, receipts of consents, and the log entries about the resident with what opens them. */
import { Injectable } from '@nestjs/common';
import { ConsentsService } from '../../consents/consents.service.js';
import { ageBandAt } from '../../residents/age-band.js';
import { ResidentsService } from '../../residents/residents.service.js';
import { UsesService } from '../../residents/uses.service.js';
import { DepositsService } from '../../vault/deposits.service.js';

@Injectable()
export class ExportEvidenceService {
  constructor(
    private readonly consents: ConsentsService,
    private readonly uses: UsesService,
    private readonly residents: ResidentsService,
    private readonly deposits: DepositsService,
  ) {}

  /** Files by their names. */
  async filesOf(residentId: string): Promise<Record<string, Buffer>> {
    const [consents, entries, registration] = await Promise.all([
      this.consents.allOf(residentId),
      this.uses.everyOpening(residentId),
      this.registrationOf(residentId),
    ]);
    return {
      'registration.json': json(registration),
      'uses.json': Buffer.from(`[\n${entries.map((entry) => JSON.stringify(entry)).join(',\n')}\n]\n`),
      ...Object.fromEntries(consents.map(({ id, receipt }) => [`consents/${id}.jws`, Buffer.from(receipt)])),
    };
  }

  private async registrationOf(residentId: string): Promise<Record<string, unknown>> {
    const resident = await this.residents.require(residentId);
    const { kind, login, language, municipalityCode } = resident;
    return {
      name: await this.residents.nameOf(resident),
      ...{ kind, login, language, municipalityCode, ageBand: ageBandAt(resident, new Date()) },
      removedNumbers: await this.deposits.strippedOf(residentId),
    };
  }
}

function json(value: unknown): Buffer {
  return Buffer.from(`${JSON.stringify(value, null, 2)}\n`);
}
