/** The machine the figures were taken on, and how much of it each process used. */
import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus, loadavg, totalmem } from 'node:os';

export interface Machine {
  cores: number;
  processor: string;
  memoryGiB: number;
  node: string;
  postgres: string;
  /** Over the last minute when the run began: above zero, somebody else was at work too. */
  loadBefore: number;
}

export function describeMachine(postgres: string): Machine {
  return {
    cores: availableParallelism(),
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    postgres,
    loadBefore: Math.round(loadavg()[0]! * 100) / 100,
  };
}

/** Seconds of processor time that a PostgreSQL server and all its processes have used; null where there is no /proc. */
export async function postgresCpuSeconds(postmasterPid: number): Promise<number | null> {
  try {
    const pids = (await readdir('/proc')).filter((name) => /^[0-9]+$/.test(name));
    const times = await Promise.all(pids.map((pid) => cpuOf(Number(pid), postmasterPid)));
    return times.reduce((sum, time) => sum + time, 0);
  } catch {
    return null;
  }
}

/** Linux: proc(5), fields 4 (parent), 14 and 15 (user and system time in ticks of 10 ms). */
async function cpuOf(pid: number, postmasterPid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'latin1').catch(() => null);
  if (text === null) return 0;
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  if (pid !== postmasterPid && Number(fields[1]) !== postmasterPid) return 0;
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
