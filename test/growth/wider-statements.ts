/**
 * The statements that concern more than one resident at a time, each with how it is recognised, why it is so, and what becomes of it on many
 * machines. docs/growth.md lists them; a statement that is neither here nor about one resident fails the test.
 */
import type { Reach } from './one-resident.js';

export interface WiderStatement {
  readonly name: string;
  readonly pattern: RegExp;
  readonly reach: Exclude<Reach, 'one resident'>;
  /** Locks rows, which Citus refuses over many residents. */
  readonly isLocking?: true;
  readonly because: string;
}

/** Of reads, streams, answers, withdrawals and residents' pages. */
export const onTheHotPath: readonly WiderStatement[] = [
  {
    name: 'resolve reads',
    pattern: /^SELECT w\.resident_id, r\.age_band, /,
    reach: 'many residents',
    because: 'one look-up of pairwise ids for a batch, with register and versions joined; nothing is decided by it',
  },
  {
    name: 'judge a batch to append',
    pattern: /^SELECT array_agg\(reason ORDER BY ord\)/,
    reach: 'many residents',
    because:
      'one look at the consents of a batch, whose advisory locks are held on the coordinator; Citus refuses it as it stands (a lateral outer join with a limit): there it becomes DISTINCT ON over a list of residents, joined on the coordinator',
  },
  {
    name: 'judge a batch to hand over',
    pattern: /^SELECT g\.entry_idx, CASE WHEN k\.refusal IS NOT NULL/,
    reach: 'many residents',
    because: 'one look at the consents of the grants of a batch, by a list of residents; nothing is locked by it',
  },
  {
    name: 'details of a batch',
    pattern: /^INSERT INTO entry_detail \(resident_id, idx, sealed\) SELECT i\.resident, base/,
    reach: 'row by row',
    because: 'the details of a batch are written in one statement',
  },
  {
    name: 'list consenting',
    pattern: /^SELECT c\.pairwise_id FROM azukari\.consent c JOIN azukari\.program/,
    reach: 'many residents',
    because: 'a program’s list is about everybody who consents; each machine gives its first ones, and they are merged',
  },
  {
    name: 'consents that stand',
    pattern: /^of a function, over consent, program, recipient, signer_state$/,
    reach: 'many residents',
    because: 'a stream whose reader was slow looks at the consents of a page again',
  },
  {
    name: 'count consents in force',
    pattern: /^SELECT count\(\*\) AS count FROM azukari\.consent WHERE state = 'active'/,
    reach: 'many residents',
    because: 'the public front page tells how many there are; each machine counts its own, at most every five seconds',
  },
  {
    name: 'lock counts of voids',
    pattern: /^SELECT FROM provision_count u JOIN provision_grant g/,
    reach: 'many residents',
    isLocking: true,
    because: 'uses of grants that became void are given back in one statement; it becomes a loop',
  },
  {
    name: 'give back counts of voids',
    pattern: /^UPDATE provision_count u SET count = u\.count - item\.voided/,
    reach: 'many residents',
    because: 'as above',
  },
];

const endings = 'ends the consents of a program, at most 500 at a time; it becomes a loop';
const delivery = 'a delivery is stored as a whole; it becomes a loop over its residents';

/** Of deliveries, and of programs that begin or end. */
export const besideTheHotPath: readonly WiderStatement[] = [
  {
    name: 'consents that end',
    pattern: /^SELECT resident_id, id FROM azukari\.consent WHERE program_id = \$1/,
    reach: 'many residents',
    because: endings,
  },
  {
    name: 'lock consents that end',
    pattern: /^SELECT pg_advisory_xact_lock\(lock\) FROM \(SELECT consent_lock_key\(resident_id, program_id\)/,
    reach: 'many residents',
    because: endings,
  },
  {
    name: 'are all consents named',
    pattern: /^EXISTS \( SELECT FROM consent WHERE program_id = p_program/,
    reach: 'many residents',
    because: endings,
  },
  {
    name: 'lines of consents that end',
    pattern: /^SELECT array_agg\(c\.resident_id ORDER BY c\.pairwise_id\)/,
    reach: 'many residents',
    because: endings,
  },
  {
    name: 'residents of links',
    pattern: /^SELECT resident_id, link_id FROM azukari\.deposit_authorisation WHERE source_id = \$1/,
    reach: 'many residents',
    because: 'finds whom a source means; like the pairwise ids it needs a table of its own on the coordinator',
  },
  {
    name: 'lock residents',
    pattern: /^SELECT FROM resident WHERE id = ANY .* FOR NO KEY UPDATE$/,
    reach: 'many residents',
    isLocking: true,
    because: delivery,
  },
  {
    name: 'lock authorisations',
    pattern: /^SELECT FROM deposit_authorisation a WHERE .* FOR SHARE$/,
    reach: 'many residents',
    isLocking: true,
    because: delivery,
  },
  {
    name: 'first versions',
    pattern: /^INSERT INTO vault_version \(resident_id, category, version\) SELECT DISTINCT/,
    reach: 'many residents',
    because: delivery,
  },
  {
    name: 'lock versions',
    pattern: /^SELECT FROM vault_version v WHERE .* FOR UPDATE$/,
    reach: 'many residents',
    isLocking: true,
    because: delivery,
  },
  {
    name: 'outcomes of a delivery',
    pattern: /^SELECT item\.ord, CASE WHEN a\.resident_id IS NULL/,
    reach: 'many residents',
    because: delivery,
  },
  {
    name: 'are all items authorised',
    pattern: /^EXISTS \( SELECT FROM unnest\(p_residents, p_versions\)/,
    reach: 'many residents',
    because: delivery,
  },
  {
    name: 'next versions',
    pattern: /^UPDATE vault_version SET version = version \+ 1/,
    reach: 'many residents',
    because: delivery,
  },
  {
    name: 'supersede records',
    pattern: /^UPDATE vault_record r SET superseded_version = item\.version/,
    reach: 'many residents',
    because: delivery,
  },
  {
    name: 'records of a delivery',
    pattern: /^INSERT INTO vault_record /,
    reach: 'row by row',
    because: 'the records of a delivery are written in one statement',
  },
  {
    name: 'requests of staff',
    pattern: /^SELECT \* FROM \(SELECT a\.id, r\.login, .* WHERE a\.asked_at > /s,
    reach: 'many residents',
    because: 'staff see what the others ask for; there are a handful a day',
  },
  {
    name: 'requests that wait',
    pattern: /^\(SELECT count\(\*\) FROM staff_access WHERE asked_by = who\.id/,
    reach: 'many residents',
    because: 'whoever has twenty waiting asks for no more; each machine counts its own',
  },
  {
    name: 'resident of a login',
    pattern: /^SELECT .* FROM "azukari"\."resident" "Resident" WHERE \(\("Resident"\."login" = \$1\)\) LIMIT 1/s,
    reach: 'many residents',
    because: 'staff name a resident by the name they sign in with: it needs a table of its own on the coordinator',
  },
  {
    name: 'one request of staff',
    pattern: /^SELECT a\.id, r\.login, .* WHERE a\.id = \$1/s,
    reach: 'many residents',
    because: 'it is named by its id, which tells nothing of the resident; every machine is asked',
  },
  {
    name: 'requests of a month ago',
    pattern: /^DELETE FROM staff_access WHERE \(resident_id, id\) IN/,
    reach: 'many residents',
    isLocking: true,
    because: 'forgotten in the background; each machine forgets its own',
  },
  {
    name: 'stripped numbers',
    pattern: /^INSERT INTO stripped_number /,
    reach: 'row by row',
    because: 'as above',
  },
];
