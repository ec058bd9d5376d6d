/** At each start of a demo city: fresh sessions for those who are shown, a fresh token for the mirror, and the addresses as they now are. */
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { cookieValue } from '../http/session-cookie.js';
import type { SubjectKind } from '../http/session.js';
import { SessionsService } from '../http/sessions.service.js';
import type { City } from '../database/city.js';
import { type DemoAccount, DemoAccountsService } from '../pages/sign-in/demo-accounts.service.js';
import { ProgramsService } from '../programs/programs.service.js';
import { ResidentsService } from '../residents/residents.service.js';
import { MirrorsService } from '../transparency-log/mirrors.service.js';
import type { DemoFile } from './demo-file.js';
import type { FoundedDemo } from './found-demo.js';

const lifetimeSeconds = 30 * 86_400;

export interface DemoService {
  app: NestFastifyApplication;
  city: City;
  publicUrl: string;
  address: { host: string; port: number };
  logVkey: string;
}

export async function openDemoDoors(service: DemoService, founded: FoundedDemo): Promise<DemoFile> {
  const { app, city, publicUrl, address, logVkey } = service;
  const sessions = app.get(SessionsService);
  const sessionOf = async (kind: SubjectKind, id: string) =>
    cookieValue(await sessions.create(kind, id, lifetimeSeconds));
  const withSession = <T extends { id: string }>(kind: SubjectKind, people: readonly T[]) =>
    Promise.all(people.map(async (person) => ({ ...person, session: await sessionOf(kind, person.id) })));
  app.get(DemoAccountsService).offer(accountsOf(founded));
  return {
    baseUrl: `http://${address.host}:${address.port}`,
    issuer: publicUrl,
    city: { name: { ja: city.nameJa, en: city.nameEn }, municipalityCode: city.municipalityCode },
    log: {
      origin: city.logOrigin,
      vkey: logVkey,
      mirrorToken: await app.get(MirrorsService).issue('demo', lifetimeSeconds),
    },
    recipients: await Promise.all(
      founded.recipients.map((recipient) => withStatuses(app.get(ProgramsService), recipient)),
    ),
    sources: founded.sources,
    residents: await withSession('resident', await stillKnown(app.get(ResidentsService), founded.residents)),
    board: await withSession('board', founded.board),
    staff: await withSession('staff', founded.staff),
  };
}

/** Residents may have erased their data since the founding. */
async function stillKnown<T extends { id: string }>(residents: ResidentsService, founded: readonly T[]): Promise<T[]> {
  const known = await residents.known(founded.map(({ id }) => id));
  return founded.filter(({ id }) => known.has(id));
}

/** The programs as they stand now: the board may have moved them since the founding. */
async function withStatuses(programs: ProgramsService, recipient: DemoFile['recipients'][number]) {
  const known = recipient.programs.map(async (program) => ({
    ...program,
    status: (await programs.requireNewest(program.id)).status,
  }));
  return { ...recipient, programs: await Promise.all(known) };
}

/** Who the sign-in page offers. Names of residents stand in one language, as they are written; the members' are those of the register. */
function accountsOf({ residents, board, staff }: FoundedDemo): DemoAccount[] {
  const bilingual = (name: string) => ({ ja: name, en: name });
  return [
    ...residents.map(({ id, name, login }) => ({ kind: 'resident' as const, id, login, name: bilingual(name) })),
    ...board.map(({ id, name }) => ({ kind: 'board' as const, id, login: `board:${id}`, name: bilingual(name) })),
    ...staff.map(({ id, name }) => ({ kind: 'staff' as const, id, login: `staff:${id}`, name: bilingual(name) })),
  ];
}
