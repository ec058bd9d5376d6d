/** A program (データ利用計画): what a recipient applied for, one row per version. Immutable once submitted; only its status moves. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Finding } from '../policy/program-check.js';
import type { Application } from './application.js';

export type ProgramStatus =
  | 'draft'
  | 'submitted'
  | 'in_review'
  | 'returned'
  | 'refused'
  | 'reexamined'
  | 'approved'
  | 'active'
  | 'suspended'
  | 'retired';

@Entity({ schema: 'azukari', name: 'program' })
export class Program {
  @PrimaryColumn('text')
  id!: string;

  @PrimaryColumn('int')
  version!: number;

  @Column('text', { name: 'recipient_id' })
  recipientId!: string;

  @Column('text')
  status!: ProgramStatus;

  @Column('text', { name: 'municipality_code' })
  municipalityCode!: string;

  @Column('jsonb')
  application!: Application;

  /** Of the canonical JSON of the application's terms. */
  @Column('bytea', { name: 'terms_sha256' })
  termsSha256!: Buffer;

  @Column('text', { name: 'minimum_age_band' })
  minimumAgeBand!: 'child' | 'young' | 'adult';

  @Column('timestamptz', { name: 'starts_at' })
  startsAt!: Date;

  /** Exclusive. */
  @Column('timestamptz', { name: 'ends_at' })
  endsAt!: Date;

  @Column('jsonb')
  findings!: Finding[];

  @Column('text')
  policy!: string;

  @Column('uuid', { name: 'decision_id', nullable: true })
  decisionId!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'submitted_at', nullable: true })
  submittedAt!: Date | null;

  @Column('timestamptz', { name: 'status_changed_at' })
  statusChangedAt!: Date;
}
