/** When a city is up again after a crash: whatever was under way comes to its end, so that it can be examined. */
import { setTimeout as pause } from 'node:timers/promises';
import { untilCovered } from '../setup/a-log-reader.js';
import type { ServedCity } from './a-served-city.js';
import type { Load } from './load.js';

/** What was in doubt is asked again, what was granted is void or used, everything is signed. Returns how many grants had waited. */
export async function settle(city: ServedCity, load: Load): Promise<number> {
  const waited = await ageGrants(city);
  await load.settle();
  await until('grants that nobody redeemed are void', async () => (await waitingGrants(city)) === 0);
  await untilEverythingIsSigned(city);
  return waited;
}

export async function until(
  sentence: string,
  holds: () => boolean | Promise<boolean>,
  withinMs = 20_000,
): Promise<void> {
  for (const deadline = Date.now() + withinMs; !(await holds()); await pause(50)) {
    if (Date.now() > deadline)
      throw new Error(`it did not come to pass within ${withinMs / 1000} seconds that ${sentence}`);
  }
}

/** Grants that are waiting when the server dies would be a minute old before they become void: time is moved on for them. */
async function ageGrants(city: ServedCity): Promise<number> {
  const { rowCount } = await city.asSuperuser((client) =>
    client.query(`UPDATE azukari.provision_grant SET granted_at = granted_at - interval '61 seconds'`),
  );
  return rowCount ?? 0;
}

async function waitingGrants(city: ServedCity): Promise<number> {
  const { rows } = await city.asSuperuser((client) =>
    client.query<{ count: string }>('SELECT count(*) FROM azukari.provision_grant'),
  );
  return Number(rows[0]!.count);
}

async function untilEverythingIsSigned(city: ServedCity): Promise<void> {
  const { rows } = await city.asSuperuser((client) =>
    client.query<{ size: string }>('SELECT size FROM azukari.log_state'),
  );
  await untilCovered(city.base, city.demo.log, Number(rows[0]!.size));
}
