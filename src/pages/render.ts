/** Turns a page into the bytes sent: a whole document, escaped by default, without anything that only a client framework would read. */
import type { VNode } from 'preact';
import { renderToString } from 'preact-render-to-string';

export function renderPage(page: VNode): string {
  return `<!doctype html>\n${renderToString(page)}\n`;
}
