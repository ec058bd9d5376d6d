/** What `azukari verify` says about the keys of a log: which ones there were, and what to pin from now on. */
import type { Trust } from '../checkpoint.js';
import type { Finding } from '../finding.js';
import { encodeVerifierKey } from '../note-key.js';
import { type KeyStanding, standingKeys } from './key-standing.js';

/** One line for each key that the entries name. */
export function describeKeys(keys: readonly KeyStanding[]): string {
  return keys
    .map(({ vkey, introducedAt, retiredAt }) => {
      const end = retiredAt === null ? 'it signs' : `retired by entry ${retiredAt}`;
      return `key      ${vkey} since entry ${introducedAt}, ${end}\n`;
    })
    .join('');
}

export interface KeyReport {
  readonly keys: readonly KeyStanding[];
  readonly isFollowed: boolean;
  readonly findings: readonly Finding[];
}

/** Whoever pins a key that goes, or not yet the one that has come, is told; nothing is pinned for them. A log at fault recommends nothing. */
export function adviseOnKeys(report: KeyReport, trust: Trust): string {
  const isUnknown = report.findings.some(({ code, place }) => code === 'untrusted' && place === 'checkpoint');
  if (isUnknown) return untrusted(trust);
  if (report.findings.length > 0) return '';
  const pinned = new Set(trust.logKeys.map(encodeVerifierKey));
  const standing = standingKeys(report.keys);
  const unpinned = standing.filter(({ vkey }) => !pinned.has(vkey));
  const gone = report.keys.filter(({ vkey, retiredAt }) => pinned.has(vkey) && retiredAt !== null);
  return [
    report.isFollowed ? 'No pinned key signs any more; an earlier checkpoint vouches for the key that does.\n' : '',
    ...unpinned.map(
      ({ vkey, introducedAt }) =>
        `The log signs with another key since entry ${introducedAt}. From now on pin it too: --vkey "${vkey}"\n`,
    ),
    ...gone.map(
      ({ vkey, retiredAt }) =>
        `The pinned key ${vkey.split('+')[1]!} was retired by entry ${retiredAt}; it is needed only for what was signed before.\n`,
    ),
  ].join('');
}

function untrusted({ logKeys }: Trust): string {
  const ids = logKeys.map(({ keyId }) => keyId.toString(16).padStart(8, '0')).join(', ');
  return `If the log has rotated its key ${ids}: bring the last checkpoint that it signed (--earlier; the log serves it as handover/<key id>), and the new key is found out from there.\n`;
}
