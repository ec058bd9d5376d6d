/** The household as the resident register hands it over: counts for those who plan, names only in the field that is identifying. */
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';

export function makeHousehold(
  person: DemoPerson,
  random: Random,
  asOf: string,
): { id: string; [member: string]: unknown } {
  const { members, composition } = person.household;
  const between = (from: number, to: number) => members.filter(({ age }) => age >= from && age <= to).length;
  return {
    id: random.uuid(),
    members: members.length,
    composition,
    livingAlone: members.length === 1,
    seniorsOnly: members.every(({ age }) => age >= 65),
    hasChildUnder6: between(0, 5) > 0,
    ageBands: {
      under6: between(0, 5),
      from6to17: between(6, 17),
      from18to64: between(18, 64),
      from65to74: between(65, 74),
      over75: between(75, 200),
    },
    memberList: members.map(({ name, relation, birthDate }) => ({ name, relation, birthDate })),
    asOf,
  };
}
