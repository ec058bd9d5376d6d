/** A resident as the service knows one outside the vault: no name, no birthday, no address. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AgeBand } from './age-band.js';

@Entity({ schema: 'azukari', name: 'resident' })
export class Resident {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text')
  kind!: 'resident' | 'visitor' | 'worker';

  @Column('text', { name: 'municipality_code' })
  municipalityCode!: string;

  @Column('text', { nullable: true })
  login!: string | null;

  @Column('text')
  language!: 'ja' | 'en' | 'ja-Hira';

  @Column('text', { name: 'age_band' })
  ageBand!: AgeBand;

  /** The day from which the band may have changed, `YYYY-MM-DD`; null for adults. */
  @Column('date', { name: 'age_band_until', nullable: true })
  ageBandUntil!: string | null;

  @Column('bytea', { name: 'sealed_name' })
  sealedName!: Buffer;
}
