/**
 * The settings an embedded PostgreSQL is started with: a share of the machine's memory, full durability
 * (an acknowledged write is not lost in a crash), and a log without personal data.
 */
import { totalmem } from 'node:os';

export type ClusterSettings = Readonly<Record<string, string>>;

/** Overridable one by one; the addresses and the data directory are not among them. */
export const defaultSettings: ClusterSettings = {
  // durability
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  wal_level: 'replica',
  max_wal_size: '1GB',
  // Where a backend crashes, the postmaster ends and is started anew (kept-postmaster.ts): recovering by itself, it was seen to hang on a full disk.
  restart_after_crash: 'off',
  // memory and connections
  work_mem: '8MB',
  maintenance_work_mem: '128MB',
  max_connections: '200',
  // A batch holds a few advisory locks per item; the default of 64 a connection is too few for several hundred items.
  max_locks_per_transaction: '256',
  jit: 'off',
  track_io_timing: 'off',
  random_page_cost: '1.1',
  // A statement's text and an error's DETAIL can quote rows, so neither reaches the server's log.
  log_min_messages: 'warning',
  log_min_error_statement: 'panic',
  log_error_verbosity: 'terse',
  log_statement: 'none',
  log_checkpoints: 'off',
  log_parameter_max_length: '0',
  log_parameter_max_length_on_error: '0',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
};

const mebibyte = 2 ** 20;

/**
 * How much of the machine's memory the database takes: an eighth for its own buffers, from 128 MB to 2 GB, of which it uses only what the city
 * fills; and it may count on half of it being the system's cache.
 * @param bytes of the machine, or of the container it is confined to
 */
export function memorySettings(bytes: number): ClusterSettings {
  const mebibytes = bytes / mebibyte;
  const buffers = Math.round(Math.min(2048, Math.max(128, mebibytes / 8)));
  return { shared_buffers: `${buffers}MB`, effective_cache_size: `${Math.round(Math.max(256, mebibytes / 2))}MB` };
}

/** Zero and more than there is both mean: not confined. */
function memoryBytes(): number {
  const confined = process.constrainedMemory();
  return confined > 0 ? Math.min(confined, totalmem()) : totalmem();
}

/** The command line's `-c name=value` pairs. Loopback TCP only: a deep path overflows the 107 bytes of a socket's name. */
export function settingArguments(settings: ClusterSettings, port: number): string[] {
  const all = {
    ...defaultSettings,
    ...memorySettings(memoryBytes()),
    ...settings,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    port: String(port),
  };
  return Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
