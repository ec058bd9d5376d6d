/** The city database's migrations, in order, and their edition (src/database/migrate.ts): one more whenever what they make has changed. */
import { Roles0000000000001 } from './roles.js';
import { Log0000000000002 } from './log.js';
import { Registers0000000000003 } from './registers.js';
import { Programs0000000000004 } from './programs.js';
import { Consents0000000000005 } from './consents.js';
import { Vault0000000000006 } from './vault.js';
import { GateAppend0000000000007 } from './gate-append.js';
import { GateRedeem0000000000008 } from './gate-redeem.js';
import { Tokens0000000000009 } from './tokens.js';
import { Completeness0000000000020 } from './completeness.js';
import { Witnesses0000000000021 } from './witnesses.js';
import { Restore0000000000022 } from './restore.js';
import { LogKeys0000000000023 } from './log-keys.js';
import { NextLog0000000000024 } from './next-log.js';
import { ConsentChanges0000000000030 } from './consent-changes.js';
import { Erasure0000000000031 } from './erasure.js';
import { OwnAccess0000000000032 } from './own-access.js';
import { StaffAccess0000000000033 } from './staff-access.js';

export const cityEdition = 17;

export const cityMigrations = [
  Roles0000000000001,
  Log0000000000002,
  Registers0000000000003,
  Programs0000000000004,
  Consents0000000000005,
  Vault0000000000006,
  GateAppend0000000000007,
  GateRedeem0000000000008,
  Tokens0000000000009,
  Completeness0000000000020,
  Witnesses0000000000021,
  Restore0000000000022,
  LogKeys0000000000023,
  NextLog0000000000024,
  ConsentChanges0000000000030,
  Erasure0000000000031,
  OwnAccess0000000000032,
  StaffAccess0000000000033,
];
