/**
 * The frame around every page: landmarks, skip link, menu, language switch, account, footer. It holds no state and loads
 * nothing but this service's own stylesheets (see content-security-policy.ts), so it reads the same with and without scripts.
 */
import type { ComponentChildren } from 'preact';
import type { SubjectKind } from '../http/session.js';
import { PostForm } from './forms.js';
import { Mark } from './icons.js';
import { inLanguage, languages, type Bilingual, type Language } from './language.js';
import { languageNames, layoutText } from './layout-text.js';
import { paths } from './paths.js';

/** Who is looking at the page, with the CSRF token of their session. */
export interface Viewer {
  readonly kind: SubjectKind;
  readonly name: string;
  readonly csrf: string;
}

/** What every page is told, whatever it shows. */
export interface Frame {
  readonly language: Language;
  /** Path and query of this page, for the language switch. */
  readonly path: string;
  readonly city: Bilingual;
  readonly isDemo: boolean;
  readonly viewer: Viewer | null;
  /** Addresses under `/assets/`. */
  readonly stylesheets: readonly string[];
  readonly icon: string;
}

interface LayoutProps {
  readonly frame: Frame;
  readonly title: string;
  /** The address in the menu this page belongs to. */
  readonly section?: string;
  /** Address of the page's own module script. */
  readonly script?: string;
  readonly children: ComponentChildren;
}

export function Layout({ frame, title, section, script, children }: LayoutProps) {
  const text = layoutText[frame.language];
  return (
    <html lang={frame.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light" />
        {frame.viewer && <meta name="robots" content="noindex" />}
        <title>{text.documentTitle(title, frame.city[frame.language])}</title>
        <link rel="icon" href={frame.icon} type="image/svg+xml" />
        {frame.stylesheets.map((href) => (
          <link key={href} rel="stylesheet" href={href} />
        ))}
        {script && <script type="module" src={script}></script>}
      </head>
      <body>
        <a class="skip" href="#content">
          {text.skip}
        </a>
        <Header frame={frame} section={section} />
        <main id="content" tabindex={-1}>
          {children}
        </main>
        <Footer frame={frame} />
      </body>
    </html>
  );
}

function Header({ frame, section }: { readonly frame: Frame; readonly section: string | undefined }) {
  const { language, viewer } = frame;
  const text = layoutText[language];
  return (
    <header class="site-header">
      {frame.isDemo && <p class="demo-strip">{text.demo}</p>}
      <div class="site-bar">
        <a class="brand" href={paths.front}>
          <Mark />
          <span class="brand-words">
            <span class="brand-city">{frame.city[language]}</span>
            <span class="brand-name">
              {text.service} <span lang={language === 'ja' ? 'en' : 'ja'}>{text.serviceBeside}</span>
            </span>
          </span>
        </a>
        <LanguageSwitch frame={frame} />
        <Account frame={frame} />
      </div>
      <nav class="site-nav" aria-label={text.mainNavigation}>
        <ul>
          {menu(viewer, language).map(([href, label]) => (
            <li key={href}>
              <a href={href} aria-current={href === section ? 'page' : undefined}>
                {label}
              </a>
            </li>
          ))}
        </ul>
      </nav>
    </header>
  );
}

function menu(viewer: Viewer | null, language: Language): readonly (readonly [href: string, label: string])[] {
  const text = layoutText[language];
  if (viewer?.kind === 'resident') {
    return [
      [paths.uses, text.uses],
      [paths.consents, text.consents],
      [paths.records, text.records],
      [`${paths.front}#programs`, text.programs],
    ];
  }
  if (viewer?.kind === 'board') {
    return [
      [paths.board, text.board],
      [paths.boardLog, text.boardLog],
      [`${paths.front}#programs`, text.programs],
    ];
  }
  if (viewer?.kind === 'staff') {
    return [
      [paths.staff, text.staff],
      [`${paths.front}#programs`, text.programs],
    ];
  }
  return [
    [paths.front, text.front],
    [`${paths.front}#programs`, text.programs],
    [`${paths.front}#log`, text.log],
  ];
}

function LanguageSwitch({ frame }: { readonly frame: Frame }) {
  return (
    <nav class="language-switch" aria-label={layoutText[frame.language].languageNavigation}>
      <ul>
        {languages.map((language) => (
          <li key={language}>
            <a
              href={inLanguage(frame.path, language)}
              lang={language}
              hreflang={language}
              aria-current={language === frame.language ? 'true' : undefined}
            >
              {languageNames[language]}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

const signedInAs = {
  resident: 'signedInAs',
  board: 'signedInAsBoard',
  staff: 'signedInAsStaff',
} as const satisfies Record<SubjectKind, string>;

function Account({ frame }: { readonly frame: Frame }) {
  const text = layoutText[frame.language];
  const { viewer } = frame;
  if (!viewer) {
    return (
      <p class="account">
        <a class="button button-quiet" href={paths.signIn}>
          {text.signIn}
        </a>
      </p>
    );
  }
  return (
    <div class="account">
      <span class="account-name">{text[signedInAs[viewer.kind]](viewer.name)}</span>
      <PostForm action={paths.signOut} csrf={viewer.csrf}>
        <button class="button button-quiet" type="submit">
          {text.signOut}
        </button>
      </PostForm>
    </div>
  );
}

function Footer({ frame }: { readonly frame: Frame }) {
  const text = layoutText[frame.language];
  return (
    <footer class="site-footer">
      <div class="site-footer-inner">
        <p>{text.footer}</p>
        <p>{text.clock}</p>
        <p>
          <a href="/log/checkpoint">{text.checkpoint}</a>
        </p>
      </div>
    </footer>
  );
}
