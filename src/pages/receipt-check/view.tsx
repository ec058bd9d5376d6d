/** The page that checks a provision receipt: a key, a file, what was checked and what was not. Without scripts it explains the command. */
import { Command } from '../front/view.js';
import { Layout, type Frame } from '../layout.js';
import { paths } from '../paths.js';
import { receiptSteps } from '../verify/receipt.js';
import { receiptCheckText } from './text.js';

export interface ReceiptCheckPageProps {
  readonly frame: Frame;
  readonly verifierKey: string;
  /** Other keys that sign or once signed, the newest first. */
  readonly otherKeys: readonly string[];
  /** Address of the checking module under `/assets/`. */
  readonly module: string;
}

export function ReceiptCheckPage({ frame, verifierKey, otherKeys, module }: ReceiptCheckPageProps) {
  const text = receiptCheckText[frame.language];
  return (
    <Layout frame={frame} title={text.title} section={paths.verify} script={module}>
      <div class="column page-end">
        <div class="page-head">
          <h1>{text.title}</h1>
          <p class="lead">{text.lead}</p>
        </div>
        <div class="two-columns">
          <div class="stack">
            <KeyAndFile frame={frame} verifierKey={verifierKey} otherKeys={otherKeys} />
            <section aria-labelledby="result-heading">
              <h2 id="result-heading" class="visually-hidden">
                {text.result}
              </h2>
              <div id="receipt-result" role="status"></div>
            </section>
          </div>
          <div class="stack">
            <section class="stack-tight" aria-labelledby="checked-heading">
              <h2 id="checked-heading">{text.checked}</h2>
              <ol class="steps">
                {receiptSteps.map((step) => (
                  <li key={step} data-step={step}>
                    <span>{text.steps[step]}</span>
                    <span class="step-state"></span>
                  </li>
                ))}
              </ol>
            </section>
            <section class="stack-tight" aria-labelledby="limits-heading">
              <h2 id="limits-heading">{text.notChecked}</h2>
              <ul>
                {text.limits.map((limit) => (
                  <li key={limit}>{limit}</li>
                ))}
              </ul>
            </section>
            <section class="stack-tight" aria-labelledby="command-heading">
              <h2 id="command-heading">{text.command}</h2>
              <Command
                says={text.commandLead}
                command={`npm run azukari -- verify receipt receipt.json --vkey "${verifierKey}"`}
              />
            </section>
          </div>
        </div>
      </div>
    </Layout>
  );
}

function KeyAndFile({ frame, verifierKey, otherKeys }: Omit<ReceiptCheckPageProps, 'module'>) {
  const text = receiptCheckText[frame.language];
  return (
    <section class="card stack-tight" aria-label={text.title}>
      <h2>{text.keyHeading}</h2>
      <div class="field">
        <label for="receipt-key">{text.key}</label>
        <p class="field-hint" id="receipt-key-hint">
          {text.keyHint}
        </p>
        <textarea
          class="input code"
          id="receipt-key"
          rows={3}
          spellcheck={false}
          autocomplete="off"
          aria-describedby="receipt-key-hint"
        >
          {verifierKey}
        </textarea>
        {otherKeys.length > 0 && (
          <details class="raw">
            <summary>{text.otherKeys}</summary>
            <p class="field-hint">{text.otherKeysHint}</p>
            {otherKeys.map((key) => (
              <p key={key}>
                <code>{key}</code>
              </p>
            ))}
          </details>
        )}
      </div>
      <h2>{text.fileHeading}</h2>
      <p id="receipt-needs-script" class="panel">
        {text.needsScript}
      </p>
      <div id="receipt-input" hidden>
        <div class="drop-zone" id="receipt-zone">
          <label for="receipt-file">{text.file}</label>
          <input type="file" id="receipt-file" accept=".json,application/json" aria-describedby="receipt-file-hint" />
          <p class="field-hint" id="receipt-file-hint">
            {text.fileHint}
          </p>
        </div>
      </div>
    </section>
  );
}
