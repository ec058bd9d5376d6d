/** A resident's answer to one program version: one row per answer, never overwritten but for how it ended. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

export type ConsentState =
  'active' | 'paused' | 'withdrawn' | 'expired' | 'superseded' | 'inapplicable' | 'invalidated' | 'refused';

@Entity({ schema: 'azukari', name: 'consent' })
export class Consent {
  @PrimaryColumn('uuid', { name: 'resident_id' })
  residentId!: string;

  @PrimaryColumn('uuid')
  id!: string;

  @Column('text', { name: 'recipient_id' })
  recipientId!: string;

  @Column('text', { name: 'program_id' })
  programId!: string;

  @Column('int', { name: 'program_version' })
  programVersion!: number;

  @Column('text')
  state!: ConsentState;

  /** `purpose/category`, ascending. */
  @Column('text', { array: true })
  items!: string[];

  @Column('timestamptz', { name: 'given_at' })
  givenAt!: Date;

  /** Exclusive. */
  @Column('timestamptz', { name: 'ends_at' })
  endsAt!: Date;

  @Column('timestamptz', { name: 'ended_at', nullable: true })
  endedAt!: Date | null;

  @Column('text', { name: 'ended_by', nullable: true })
  endedBy!: 'resident' | 'representative' | 'time' | 'board' | 'operator' | null;

  /** The consent it took the place of. */
  @Column('uuid', { nullable: true })
  supersedes!: string | null;

  @Column('bytea', { name: 'notice_sha256' })
  noticeSha256!: Buffer;

  @Column('text', { name: 'notice_locale' })
  noticeLocale!: string;

  /** Code and version of the notice that was shown: `consent/1`. */
  @Column('text', { name: 'notice_version' })
  noticeVersion!: string;

  /** Signed consent receipt: JWS, compact. */
  @Column('text')
  receipt!: string;

  @Column('bigint', { name: 'log_index' })
  logIndex!: number;

  @Column('bigint', { name: 'end_log_index', nullable: true })
  endLogIndex!: number | null;
}

export interface ConsentItem {
  purpose: string;
  category: string;
}

export function encodeItems(items: readonly ConsentItem[]): string[] {
  return [...new Set(items.map(({ purpose, category }) => `${purpose}/${category}`))].sort();
}

export function decodeItem(item: string): ConsentItem {
  const slash = item.indexOf('/');
  return { purpose: item.slice(0, slash), category: item.slice(slash + 1) };
}
