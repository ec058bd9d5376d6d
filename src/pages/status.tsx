/** A status as word and drawing together: colour alone never tells one from another (WCAG 2.2, 1.4.1). */
import type { SignerState } from '../transparency-log/log-store.service.js';
import { Instant } from './dates.js';
import { Icon, type IconName } from './icons.js';
import type { Language } from './language.js';
import {
  consentLooks,
  outcomeLooks,
  programLooks,
  statusText,
  type ConsentState,
  type Outcome,
  type ProgramStatus,
  type Tone,
} from './status-text.js';

interface BadgeProps {
  readonly tone: Tone;
  readonly icon: IconName;
  readonly children: string;
}

export function Badge({ tone, icon, children }: BadgeProps) {
  return (
    <span class={`badge badge-${tone}`}>
      <Icon name={icon} />
      {children}
    </span>
  );
}

export function ProgramBadge({ status, language }: { readonly status: ProgramStatus; readonly language: Language }) {
  const [tone, icon] = programLooks[status];
  return (
    <Badge tone={tone} icon={icon}>
      {statusText[language].program[status]}
    </Badge>
  );
}

export function ConsentBadge({ state, language }: { readonly state: ConsentState; readonly language: Language }) {
  const [tone, icon] = consentLooks[state];
  return (
    <Badge tone={tone} icon={icon}>
      {statusText[language].consent[state]}
    </Badge>
  );
}

export function OutcomeBadge({ outcome, language }: { readonly outcome: Outcome; readonly language: Language }) {
  const [tone, icon] = outcomeLooks[outcome];
  return (
    <Badge tone={tone} icon={icon}>
      {statusText[language].outcome[outcome]}
    </Badge>
  );
}

/** Where the log is frozen, or nobody signs it: that it is so, since when, and what that means for people. */
export function LogStopped({ signer, language }: { readonly signer: SignerState; readonly language: Language }) {
  const text = statusText[language].log;
  if (signer.frozen === null && !signer.isSilent) return null;
  return (
    <div class="stack-tight" role="status">
      <p>
        <Badge tone="bad" icon="stop">
          {signer.frozen ? text.frozen : text.silent}
        </Badge>
      </p>
      <p>
        <Instant at={signer.frozen?.at ?? signer.seenAt} language={language} />
      </p>
      <p class="prose">{signer.frozen ? text.meaning : text.silence}</p>
    </div>
  );
}
