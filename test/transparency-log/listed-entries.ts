/** A served log of just the size that a test wants. */
import type { AProgram, Town } from '../setup/a-town.js';

/** Appends entries that anybody may make any number of: that a list was given out. */
export async function growTo(town: Town, program: AProgram, size: number): Promise<void> {
  await town.admin.query(
    `SET LOCAL search_path = azukari; SELECT azukari.write_entries(base, ARRAY(
       SELECT format('{"v":1,"t":"list","at":"%s","recipient":"${program.recipient}","program":"${program.id}","version":1,"count":1,"policy":"%s","salt":"%s"}',
         azukari.log_minute_at(base), (SELECT policy FROM azukari.city), azukari.entry_salt()) FROM generate_series(base + 1, ${size})))
     FROM azukari.lock_log() AS base`,
  );
}
