/** Registering residents and finding them again. The display name is sealed under the resident's own key. */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { In, Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { inTransaction } from '../database/pool.js';
import { utf8 } from '../kernel/bytes.js';
import { Mistake } from '../kernel/errors.js';
import { newUuid, type Uuid } from '../kernel/ids.js';
import { pairwiseIdOf, selfRecipient, unitsKeyOf } from '../kernel/pairwise-id.js';
import { bind, seal, unseal } from '../kernel/sealed-box.js';
import { type ResidentKeys, ResidentKeysService } from './resident-keys.service.js';
import type { AgeBand } from './age-band.js';
import { Resident } from './resident.entity.js';

export interface NewResident {
  kind: Resident['kind'];
  municipalityCode: string;
  login: string | null;
  language: Resident['language'];
  name: string;
  ageBand: AgeBand;
  ageBandUntil: string | null;
}

@Injectable()
export class ResidentsService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(Resident) private readonly residents: Repository<Resident>,
    private readonly keys: ResidentKeysService,
  ) {}

  /** Registers residents in one transaction and returns their ids in order. Keys are made first: without its key a resident cannot exist. */
  async register(people: readonly NewResident[]): Promise<Uuid[]> {
    const ids = people.map(() => newUuid());
    const keys = await this.keys.create(ids);
    await inTransaction(this.pool, async (transaction) => {
      for (const [position, person] of people.entries()) {
        const id = ids[position]!;
        const { dataKey, identifierKey } = keys.get(id)!;
        await transaction.query({
          name: 'register resident',
          text: 'SELECT azukari.register_resident($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)',
          values: [
            ...[id, person.kind, person.municipalityCode, person.login, person.language, person.ageBand],
            ...[person.ageBandUntil, seal(dataKey, utf8(person.name), nameBinding(id))],
            ...[pairwiseIdOf(identifierKey, selfRecipient), unitsKeyOf(identifierKey)],
          ],
        });
      }
    });
    return ids;
  }

  findByLogin(login: string): Promise<Resident | null> {
    return this.residents.findOneBy({ login });
  }

  /** Null where nothing is kept about this resident, any more or ever. */
  find(id: Uuid): Promise<Resident | null> {
    return this.residents.findOneBy({ id });
  }

  /** @throws Mistake `sign-in-required` where there is none: a session may outlive by a moment whom it belonged to */
  async require(id: Uuid): Promise<Resident> {
    const resident = await this.find(id);
    if (resident === null) throw new Mistake('sign-in-required', 'nothing is kept about this resident any more');
    return resident;
  }

  /** Those of them about whom something is kept. */
  async known(ids: readonly Uuid[]): Promise<Set<Uuid>> {
    const rows = await this.residents.find({ select: { id: true }, where: { id: In([...ids]) } });
    return new Set(rows.map(({ id }) => id));
  }

  /** The display name, for the resident's own pages. */
  async nameOf(resident: Resident): Promise<string> {
    return this.openName(await this.keys.require(resident.id), resident.id, resident.sealedName);
  }

  openName(keys: ResidentKeys, residentId: Uuid, sealedName: Buffer): string {
    return unseal(keys.dataKey, sealedName, nameBinding(residentId)).toString('utf8');
  }
}

function nameBinding(residentId: Uuid): Buffer {
  return bind('azukari/resident-name/v1', residentId);
}
