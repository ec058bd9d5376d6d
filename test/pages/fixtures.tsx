/** Every view with its sample, by address: what the pictures, the accessibility checks and the render tests go through. */
import type { VNode } from 'preact';
import { BoardLogPage } from '../../src/pages/board-log/view.js';
import { BoardProgramsPage } from '../../src/pages/board-programs/view.js';
import { ReviewPage } from '../../src/pages/board-review/view.js';
import { ConsentNoticePage } from '../../src/pages/consent-notice/view.js';
import { FrontPage } from '../../src/pages/front/view.js';
import type { Frame, Viewer } from '../../src/pages/layout.js';
import { explanations } from '../../src/http/problem-text.js';
import { type Code, codes } from '../../src/kernel/errors.js';
import { ConsentPage } from '../../src/pages/my-consents/consent-view.js';
import { ConsentsPage } from '../../src/pages/my-consents/view.js';
import { ErasedPage, ErasurePage } from '../../src/pages/my-erasure/view.js';
import { DataPage } from '../../src/pages/my-records/data-view.js';
import { RecordsPage } from '../../src/pages/my-records/view.js';
import { UsesPage } from '../../src/pages/my-uses/view.js';
import { ExplanationsPage } from '../../src/pages/problem/explanations-view.js';
import { ProblemPage } from '../../src/pages/problem/view.js';
import { ProgramPage } from '../../src/pages/program/view.js';
import { ReceiptCheckPage } from '../../src/pages/receipt-check/view.js';
import { SignInPage } from '../../src/pages/sign-in/view.js';
import { StaffLookPage } from '../../src/pages/staff/look-view.js';
import { StaffPage } from '../../src/pages/staff/view.js';
import { boardViewer, residentViewer, staffViewer } from './samples.js';
import { staffLookSample, staffSample } from './samples-staff.js';
import { activeReviewSample, boardLogSample, boardProgramsSample, reviewSample } from './samples-board.js';
import { changingLogState, frontSample, frozenLogState, silentLogState } from './samples-front.js';
import {
  activeConsent,
  consentsSample,
  dataSample,
  emptyUsesSample,
  noticeSample,
  programSample,
  erasedSample,
  erasureSample,
  recordsSample,
  usesSample,
  withdrawnConsent,
} from './samples-resident.js';

export interface Fixture {
  readonly name: string;
  readonly path: string;
  readonly viewer: Viewer | null;
  /** `verifier` is the address of the verifying module. */
  render(frame: Frame, verifier: string): VNode;
}

const addresses = { checkpoint: '/log/checkpoint', tiles: '/log/tile/', entries: '/log/tile/entries/' };
const accounts = {
  residents: ['港 はるか', '浜口 健', '潮田 みどり', '磯部 大樹', '灯 さくら'].map((name, place) => ({
    login: `r${place}`,
    name: { ja: name, en: name },
  })),
  board: ['潮見 一郎', '波多野 文'].map((name, place) => ({ login: `b${place}`, name: { ja: name, en: name } })),
  staff: ['黒田 千夏', '永井 拓海'].map((name, place) => ({ login: `s${place}`, name: { ja: name, en: name } })),
};
const problemsSample = (Object.keys(codes) as Code[]).map((code) => {
  const [status, title, titleJa] = codes[code];
  const { en: explanation, ja: explanationJa } = explanations[code];
  return { type: `/problems/${code}`, code, status, title, titleJa, explanation, explanationJa };
});
const consentRest = {
  retentionDays: 90,
  logPlace: { log: null, index: 47_790 },
  isOpen: true,
  withdrawn: [],
  current: null,
};

export const fixtures: readonly Fixture[] = [
  { name: 'front', path: '/', viewer: null, render: (frame) => <FrontPage frame={frame} {...frontSample} /> },
  {
    name: 'receipt-check',
    path: '/verify',
    viewer: null,
    render: (frame, verifier) => (
      <ReceiptCheckPage
        frame={frame}
        verifierKey={frontSample.log.verifierKey}
        otherKeys={changingLogState.otherKeys}
        module={verifier.replace('/page.js', '/receipt-page.js')}
      />
    ),
  },
  {
    name: 'program',
    path: '/programs/p-7kqm2xw9rh',
    viewer: residentViewer,
    render: (frame) => <ProgramPage frame={frame} {...programSample} />,
  },
  {
    name: 'uses',
    path: '/my/uses',
    viewer: residentViewer,
    render: (frame) => <UsesPage frame={frame} {...usesSample} />,
  },
  {
    name: 'uses-incomplete',
    path: '/my/uses/incomplete',
    viewer: residentViewer,
    render: (frame) => (
      <UsesPage
        frame={frame}
        {...usesSample}
        unlisted={[
          { log: '2025', index: 4711 },
          { log: null, index: 12_045 },
        ]}
      />
    ),
  },
  {
    name: 'uses-foreign',
    path: '/my/uses/foreign',
    viewer: residentViewer,
    render: (frame) => <UsesPage frame={frame} {...usesSample} foreign={usesSample.recipients.slice(0, 1)} />,
  },
  {
    name: 'uses-empty',
    path: '/my/uses/empty',
    viewer: residentViewer,
    render: (frame) => <UsesPage frame={frame} {...emptyUsesSample} />,
  },
  {
    name: 'records',
    path: '/my/records',
    viewer: residentViewer,
    render: (frame) => <RecordsPage frame={frame} {...recordsSample} />,
  },
  {
    name: 'records-empty',
    path: '/my/records/empty',
    viewer: residentViewer,
    render: (frame) => <RecordsPage frame={frame} held={[]} takenOut={[]} />,
  },
  {
    name: 'records-inside',
    path: '/my/records/inside',
    viewer: residentViewer,
    render: (frame) => <DataPage frame={frame} data={dataSample} />,
  },
  {
    name: 'erasure',
    path: '/my/erasure',
    viewer: residentViewer,
    render: (frame) => <ErasurePage frame={frame} {...erasureSample} isUnconfirmed={false} />,
  },
  {
    name: 'erasure-unconfirmed',
    path: '/my/erasure/unconfirmed',
    viewer: residentViewer,
    render: (frame) => <ErasurePage frame={frame} {...erasureSample} recipients={[]} isUnconfirmed />,
  },
  {
    name: 'erased',
    path: '/my/erasure/done',
    viewer: null,
    render: (frame) => <ErasedPage frame={frame} {...erasedSample} />,
  },
  {
    name: 'consents',
    path: '/my/consents',
    viewer: residentViewer,
    render: (frame) => <ConsentsPage frame={frame} {...consentsSample} />,
  },
  {
    name: 'consent-withdrawn',
    path: `/my/consents/${withdrawnConsent.id}`,
    viewer: residentViewer,
    render: (frame) => <ConsentPage frame={frame} consent={withdrawnConsent} {...consentRest} />,
  },
  {
    name: 'consent-active',
    path: `/my/consents/${activeConsent.id}`,
    viewer: residentViewer,
    render: (frame) => <ConsentPage frame={frame} consent={activeConsent} {...consentRest} />,
  },
  {
    name: 'problems',
    path: '/problems',
    viewer: null,
    render: (frame) => <ExplanationsPage frame={frame} problems={problemsSample} />,
  },
  {
    name: 'consent-narrowed',
    path: '/my/consents/narrowed',
    viewer: residentViewer,
    render: (frame) => (
      <ConsentPage frame={frame} consent={activeConsent} {...consentRest} withdrawn={activeConsent.items} />
    ),
  },
  {
    name: 'consent-replaced',
    path: '/my/consents/replaced',
    viewer: residentViewer,
    render: (frame) => (
      <ConsentPage
        frame={frame}
        consent={{ ...withdrawnConsent, state: 'superseded' }}
        {...consentRest}
        current={activeConsent.id}
      />
    ),
  },
  {
    name: 'notice',
    path: '/my/programs/p-7kqm2xw9rh',
    viewer: residentViewer,
    render: (frame) => <ConsentNoticePage frame={frame} {...noticeSample} failure={null} />,
  },
  {
    name: 'notice-failed',
    path: '/my/programs/p-7kqm2xw9rh/failed',
    viewer: residentViewer,
    render: (frame) => <ConsentNoticePage frame={frame} {...noticeSample} failure="nothing-chosen" />,
  },
  {
    name: 'board',
    path: '/board',
    viewer: boardViewer,
    render: (frame) => <BoardProgramsPage frame={frame} {...boardProgramsSample} />,
  },
  {
    name: 'review',
    path: '/board/programs/p-m5r9y3dgth',
    viewer: boardViewer,
    render: (frame) => <ReviewPage frame={frame} {...reviewSample} />,
  },
  {
    name: 'review-active',
    path: '/board/programs/p-7kqm2xw9rh',
    viewer: boardViewer,
    render: (frame) => <ReviewPage frame={frame} {...activeReviewSample} />,
  },
  {
    name: 'board-log',
    path: '/board/log',
    viewer: boardViewer,
    render: (frame, verifier) => (
      <BoardLogPage frame={frame} {...boardLogSample} addresses={{ module: verifier, ...addresses }} />
    ),
  },
  {
    name: 'staff',
    path: '/staff',
    viewer: staffViewer,
    render: (frame) => <StaffPage frame={frame} {...staffSample} />,
  },
  {
    name: 'staff-look',
    path: '/staff/look',
    viewer: staffViewer,
    render: (frame) => <StaffLookPage frame={frame} {...staffLookSample} />,
  },
  {
    name: 'sign-in',
    path: '/sign-in',
    viewer: null,
    render: (frame) => <SignInPage frame={frame} {...accounts} returnTo="/my/uses" hasFailed={false} />,
  },
  {
    name: 'not-found',
    path: '/nowhere',
    viewer: null,
    render: (frame) => <ProblemPage frame={frame} code="not-found" />,
  },
  {
    name: 'forbidden',
    path: '/forbidden',
    viewer: residentViewer,
    render: (frame) => <ProblemPage frame={frame} code="forbidden" />,
  },
  {
    name: 'unavailable',
    path: '/unavailable',
    viewer: null,
    render: (frame) => <ProblemPage frame={frame} code="unavailable" />,
  },
  {
    name: 'front-key-change',
    path: '/key-change',
    viewer: null,
    render: (frame) => <FrontPage frame={frame} {...frontSample} log={changingLogState} />,
  },
  {
    name: 'front-frozen',
    path: '/front-frozen',
    viewer: null,
    render: (frame) => <FrontPage frame={frame} {...frontSample} log={frozenLogState} />,
  },
  {
    name: 'front-silent',
    path: '/front-silent',
    viewer: null,
    render: (frame) => <FrontPage frame={frame} {...frontSample} log={silentLogState} />,
  },
  {
    name: 'board-log-frozen',
    path: '/board/log-frozen',
    viewer: boardViewer,
    render: (frame, verifier) => (
      <BoardLogPage
        frame={frame}
        {...boardLogSample}
        log={frozenLogState}
        addresses={{ module: verifier, ...addresses }}
      />
    ),
  },
];
