/** The part of the page that the script in ../verify/ brings to life, and what stands beside it for those without the script. */
import { Instant } from '../dates.js';
import { PostForm } from '../forms.js';
import { Command } from '../front/view.js';
import { formatNumber, type Language } from '../language.js';
import { entryText } from '../log-entry/text.js';
import { paths } from '../paths.js';
import { steps } from '../verify/verify-log.js';
import { boardLogText } from './text.js';

/** Where the script finds the log; entry bundles come through the board's session. */
export interface VerifierAddresses {
  /** The module itself, under `/assets/`. */
  readonly module: string;
  readonly checkpoint: string;
  /** Both end in a slash. */
  readonly tiles: string;
  readonly entries: string;
}

interface VerifierProps {
  readonly addresses: VerifierAddresses;
  readonly verifierKey: string;
  readonly language: Language;
}

export function Verifier({ addresses, verifierKey, language }: VerifierProps) {
  const text = boardLogText[language].verify;
  const kinds = Object.fromEntries(
    Object.entries(entryText[language].kinds).map(([kind, name]) => [`data-kind-${kind}`, name]),
  );
  return (
    <section
      class="card verifier"
      id="verifier"
      aria-labelledby="verifier-heading"
      data-checkpoint={addresses.checkpoint}
      data-tiles={addresses.tiles}
      data-entries={addresses.entries}
      {...kinds}
    >
      <h2 id="verifier-heading">{text.heading}</h2>
      <p>{text.lead}</p>
      <div class="field">
        <label for="verifier-key">{text.key}</label>
        <p class="field-hint" id="verifier-key-hint">
          {text.keyHint}
        </p>
        <textarea
          class="input code"
          id="verifier-key"
          rows={3}
          spellcheck={false}
          autocomplete="off"
          aria-describedby="verifier-key-hint"
        >
          {verifierKey}
        </textarea>
      </div>
      <p id="verifier-needs-script" class="panel">
        {text.needsScript}
      </p>
      <button class="button button-large" type="button" id="verifier-start" hidden>
        {text.start}
      </button>
      <progress id="verifier-progress" max="1" value="0" aria-label={text.progress} hidden></progress>
      <ol class="steps">
        {steps.map((step) => (
          <li key={step} data-step={step}>
            <span>{text.steps[step]}</span>
            <span class="step-state"></span>
          </li>
        ))}
      </ol>
      <div id="verifier-result" role="status"></div>
    </section>
  );
}

/** What the server said when it was asked. */
export interface ServerWord {
  readonly isGood: boolean;
  readonly size: number;
  readonly at: Date;
}

interface OtherWaysProps {
  readonly verifyCommand: string;
  readonly serverWord: ServerWord | null;
  readonly csrf: string | null;
  readonly language: Language;
}

export function OtherWays({ verifyCommand, serverWord, csrf, language }: OtherWaysProps) {
  const text = boardLogText[language].other;
  return (
    <section class="stack-tight" aria-labelledby="other-heading">
      <h2 id="other-heading">{text.heading}</h2>
      <h3>{text.command}</h3>
      <Command says={text.commandLead} command={verifyCommand} />
      <h3>{text.server}</h3>
      <p>{text.serverLead}</p>
      {serverWord && (
        <div class={serverWord.isGood ? 'panel' : 'panel panel-bad'} role="status">
          <p class="panel-title">
            {serverWord.isGood ? text.serverGood(formatNumber(serverWord.size)) : text.serverBad}
          </p>
          <p class="note">
            {text.serverAt} <Instant at={serverWord.at} language={language} />
          </p>
        </div>
      )}
      <PostForm action={paths.serverVerification} csrf={csrf}>
        <button class="button button-line" type="submit">
          {text.serverStart}
        </button>
      </PostForm>
    </section>
  );
}
