/** A member of the ethics board. Who has an interest in a recipient is recused from its programs. */
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity({ schema: 'azukari', name: 'board_member' })
export class BoardMember {
  @PrimaryColumn('text')
  id!: string;

  @Column('text', { name: 'name_ja' })
  nameJa!: string;

  @Column('text', { name: 'name_en' })
  nameEn!: string;

  @Column('text', { name: 'capacity_ja' })
  capacityJa!: string;

  @Column('text', { name: 'capacity_en' })
  capacityEn!: string;

  @Column('text', { array: true })
  interests!: string[];
}
