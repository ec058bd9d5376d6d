/** What the board decided about one program version, by whom and why. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Bilingual } from '../policy/catalogue.js';

export type BoardDecision = 'approve' | 'return' | 'refuse';

@Entity({ schema: 'azukari', name: 'program_decision' })
export class ProgramDecision {
  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'program_id' })
  programId!: string;

  @Column('int', { name: 'program_version' })
  programVersion!: number;

  @Column('text')
  decision!: BoardDecision;

  @Column('text', { name: 'decided_by' })
  decidedBy!: string;

  @Column('jsonb')
  reason!: Bilingual;

  @Column('bytea', { name: 'record_sha256' })
  recordSha256!: Buffer;

  @Column('timestamptz', { name: 'decided_at' })
  decidedAt!: Date;
}
