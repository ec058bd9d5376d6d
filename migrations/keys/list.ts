/** The key store's migrations, in order. */
import { KeyStore0000000000001 } from './key-store.js';

export const keyMigrations = [KeyStore0000000000001];
