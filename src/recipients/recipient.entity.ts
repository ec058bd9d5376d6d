/** An organisation that receives data; for OAuth, one client. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type RecipientKind = 'clinic' | 'university' | 'transport' | 'retailer' | 'insurer' | 'city';
export type RecipientStatus = 'active' | 'suspended' | 'removed';

@Entity({ schema: 'azukari', name: 'recipient' })
export class Recipient {
  @PrimaryColumn('text')
  id!: string;

  @Column('text')
  kind!: RecipientKind;

  @Column('text', { name: 'name_ja' })
  nameJa!: string;

  @Column('text', { name: 'name_en' })
  nameEn!: string;

  /** ISO 3166-1 alpha-2. */
  @Column('text')
  country!: string;

  @Column('text', { name: 'municipality_code' })
  municipalityCode!: string;

  @Column('text')
  status!: RecipientStatus;

  @Column('timestamptz', { name: 'status_changed_at' })
  statusChangedAt!: Date;
}
