/** Removes what expired: used proofs and assertions, tokens, payloads. Correctness never waits for it; only the tables' size does. */
import type { Pool } from 'pg';

const rowsPerCall = 10_000;
const callsPerRoundMax = 20;

/** Removes expired rows in bounded steps; returns how many. */
export async function sweepTokens(pool: Pool, rowsMax = rowsPerCall): Promise<number> {
  let swept = 0;
  for (let call = 0; call < callsPerRoundMax; call++) {
    const { rows } = await pool.query<{ swept: number }>('SELECT azukari.sweep_tokens($1) AS swept', [rowsMax]);
    const part = rows[0]!.swept;
    swept += part;
    if (part < rowsMax) break;
  }
  return swept;
}

/** Sweeps now and then until the returned function is called; that waits for a round under way. Failures go to `onError`. */
export function startSweeping(pool: Pool, onError: (error: unknown) => void, intervalMs = 30_000): () => Promise<void> {
  let round: Promise<unknown> = Promise.resolve();
  let isRunning = false;
  const timer = setInterval(() => {
    if (isRunning) return;
    isRunning = true;
    round = sweepTokens(pool)
      .catch(onError)
      .finally(() => (isRunning = false));
  }, intervalMs);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await round;
  };
}
