/** Every address of a page, in one place: links, forms and controllers cannot drift apart. JSON lives under `/v1`, the log under `/log`. */
const segment = encodeURIComponent;

export const paths = {
  front: '/',
  program: (program: string) => `/programs/${segment(program)}`,

  verify: '/verify',

  signIn: '/sign-in',
  signOut: '/sign-out',

  uses: '/my/uses',
  useReceipt: (index: number) => `/my/uses/${index}/receipt`,
  /** Files, answered by the API. */
  completenessFile: '/v1/me/completeness-file',
  completenessFileOf: (log: string) => `/v1/me/completeness-file/${segment(log)}`,
  identifierKey: '/v1/me/identifier-key',
  records: '/my/records',
  ownData: '/my/records/data',
  ownExport: '/my/records/export',
  erasure: '/my/erasure',
  consents: '/my/consents',
  consent: (consent: string) => `/my/consents/${segment(consent)}`,
  consentReceipt: (consent: string) => `/my/consents/${segment(consent)}/receipt`,
  withdrawal: (consent: string) => `/my/consents/${segment(consent)}/withdrawal`,
  itemWithdrawal: (consent: string) => `/my/consents/${segment(consent)}/withdrawal/item`,
  notice: (program: string) => `/my/programs/${segment(program)}`,

  staff: '/staff',
  staffDecision: (request: string) => `/staff/${segment(request)}/decision`,
  staffLook: (request: string) => `/staff/${segment(request)}/look`,

  board: '/board',
  review: (program: string) => `/board/programs/${segment(program)}`,
  decision: (program: string) => `/board/programs/${segment(program)}/decision`,
  resumption: (program: string) => `/board/programs/${segment(program)}/resumption`,
  suspension: (program: string) => `/board/programs/${segment(program)}/suspension`,
  retirement: (program: string) => `/board/programs/${segment(program)}/retirement`,
  boardLog: '/board/log',
  serverVerification: '/board/log/verification',
} as const;
