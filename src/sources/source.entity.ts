/** An organisation from which data is received. It is known by a bearer token of which only the SHA-256 is kept. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'azukari', name: 'source' })
export class Source {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'name_ja' })
  nameJa!: string;

  @Column('text', { name: 'name_en' })
  nameEn!: string;

  @Column('text', { name: 'municipality_code' })
  municipalityCode!: string;

  @Column('text')
  status!: 'active' | 'suspended' | 'removed';

  /** The categories it may deposit at all; each resident's authorisation comes on top. */
  @Column('text', { array: true })
  categories!: string[];

  @Column('bytea', { name: 'token_sha256' })
  tokenSha256!: Buffer;
}
