/** What the ethics board sees: pseudonymous entries and counts, never personal data. */
import { Inject, Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Pool } from 'pg';
import { Repository } from 'typeorm';
import { APP_POOL } from '../database/connections.js';
import { utf8 } from '../kernel/bytes.js';
import { BoardMember } from '../programs/board-member.entity.js';
import { type Entry, parseEntry } from '../transparency-log/entry.js';
import { type EntryPlace, placeIn } from '../transparency-log/city-logs.js';
import { LogStoreService, type PublishedCheckpoint, reachOf } from '../transparency-log/log-store.service.js';

export interface NumberedEntry {
  /** Its number in the database. */
  index: number;
  place: EntryPlace;
  entry: Entry;
}

export interface NewBoardMember {
  id: string;
  nameJa: string;
  nameEn: string;
  capacityJa: string;
  capacityEn: string;
  /** Recipients in which the member has an interest. */
  interests: readonly string[];
}

@Injectable()
export class BoardService {
  constructor(
    @Inject(APP_POOL) private readonly pool: Pool,
    @InjectRepository(BoardMember) private readonly members: Repository<BoardMember>,
    private readonly store: LogStoreService,
  ) {}

  async appoint(member: NewBoardMember): Promise<void> {
    await this.pool.query('SELECT azukari.appoint_board_member($1, $2, $3, $4, $5, $6)', [
      ...[member.id, member.nameJa, member.nameEn, member.capacityJa, member.capacityEn, member.interests],
    ]);
  }

  allMembers(): Promise<BoardMember[]> {
    return this.members.find({ order: { id: 'ASC' } });
  }

  findMember(id: string): Promise<BoardMember | null> {
    return this.members.findOneBy({ id });
  }

  /** The newest entries the checkpoint covers, newest first. @param before an index; only older ones. */
  async recentEntries(
    limit: number,
    before?: number,
  ): Promise<{ checkpoint: PublishedCheckpoint | null; entries: NumberedEntry[] }> {
    const checkpoint = await this.store.checkpoint();
    const to = Math.min(checkpoint ? reachOf(checkpoint) : 0, before ?? Infinity);
    const logs = await this.store.logs();
    const stored = await this.store.entries(Math.max(0, to - limit), to);
    return {
      checkpoint,
      entries: stored
        .reverse()
        .map(({ index, entry }) => ({ index, place: placeIn(logs, index), entry: parseEntry(utf8(entry)) })),
    };
  }
}
