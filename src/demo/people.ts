/**
 * The invented residents of みなと野市. The first ten are always the same people, made for showing; the others come from a seed. Nobody
 * has a 個人番号, an insured person's number or any other identifier of a real register.
 */
import { loginOf, makeAddress, makeLandline, makeMailAddress, makeMobileNumber, type Address } from './addresses.js';
import { addDays, addYears, ageOn } from './days.js';
import {
  planHousehold,
  planSingle,
  type Composition,
  type HouseholdPlan,
  type NamedHousehold,
  type Relation,
  type Sex,
} from './households.js';
import { familyNames, generations, namesFromAbroad, type NamePart } from './names.js';
import { Random } from './random.js';
import { shownHouseholds } from './shown-people.js';

export interface HouseholdMember {
  readonly name: string;
  readonly relation: Relation;
  /** `YYYY-MM-DD` */
  readonly birthDate: string;
  readonly age: number;
}

export interface DemoPerson {
  /** Counts from 1; the place in the register. */
  readonly number: number;
  /** Sign-in name, unique: `sato.haruka`. */
  readonly login: string;
  readonly family: NamePart;
  readonly given: NamePart;
  /** As the register writes it: `佐藤 遥`. */
  readonly name: string;
  readonly kana: string;
  readonly sex: Sex;
  readonly birthDate: string;
  /** Full years on the day the city is founded. */
  readonly age: number;
  readonly address: Address;
  readonly phone: string;
  readonly email: string;
  /** BCP 47. */
  readonly language: NamedHousehold['language'];
  readonly household: {
    readonly number: number;
    readonly composition: Composition;
    readonly relation: Relation;
    readonly members: readonly HouseholdMember[];
  };
}

const peopleSeed = 'minatono/people/v1';

/**
 * @param count how many, 10 to 100,000; a larger city begins with the same people but for the last household of the smaller.
 * @param today the day the ages are full on, `YYYY-MM-DD`.
 */
export function demoPeople(count: number, today: string): DemoPerson[] {
  if (!Number.isInteger(count) || count < 10 || count > 100_000)
    throw new RangeError('a demo city has 10 to 100000 people');
  const people: DemoPerson[] = [];
  const logins = new Map<string, number>();
  for (let number = 1; people.length < count; number += 1) {
    const random = new Random(`${peopleSeed}/${number}`);
    const shown = shownHouseholds[number - 1];
    const named = shown ?? nameMembers(fitting(planHousehold(random), count - people.length, random), random, today);
    people.push(...settle(named, number, people.length, random, logins, today));
  }
  return people;
}

/** The last household must not be larger than what is left. */
function fitting(plan: HouseholdPlan, places: number, random: Random): HouseholdPlan {
  return plan.members.length <= places ? plan : planSingle(random);
}

function nameMembers(plan: HouseholdPlan, random: Random, today: string): NamedHousehold {
  if (plan.composition === 'single' && plan.members[0]!.age < 65 && random.chance(0.12)) {
    const { family, given, sex } = random.pick(namesFromAbroad);
    const language = random.chance(0.6) ? 'en' : 'ja-Hira';
    return { composition: 'single', language, members: [{ ...plan.members[0]!, sex, family, given }] };
  }
  const family = random.pick(familyNames);
  const year = Number(today.slice(0, 4));
  const members = plan.members.map((member) => {
    const generation = generations.find(({ fromYear }) => year - member.age >= fromYear) ?? generations.at(-1)!;
    return { ...member, family, given: random.pick(generation[member.sex]) };
  });
  return { composition: plan.composition, language: 'ja', members };
}

function settle(
  named: NamedHousehold,
  number: number,
  before: number,
  random: Random,
  logins: Map<string, number>,
  today: string,
): DemoPerson[] {
  const address = makeAddress(random);
  const landline = makeLandline(random);
  const members = named.members.map((member): HouseholdMember => {
    const birthDate = addDays(addYears(today, -member.age), -random.integer(0, 364));
    return {
      name: nameOf(member),
      relation: member.relation,
      birthDate,
      age: ageOn(today, birthDate),
    };
  });
  return named.members.map((member, position): DemoPerson => {
    const { birthDate, age } = members[position]!;
    const login = uniqueLogin(loginOf(member.family, member.given), logins);
    return {
      number: before + position + 1,
      login,
      family: member.family,
      given: member.given,
      name: nameOf(member),
      kana: `${member.family.kana} ${member.given.kana}`,
      sex: member.sex,
      birthDate,
      age,
      address,
      phone: age < 13 || age > 84 ? landline : makeMobileNumber(random),
      email: makeMailAddress(random, login),
      language: named.language,
      household: { number, composition: named.composition, relation: member.relation, members },
    };
  });
}

function nameOf(member: NamedHousehold['members'][number]): string {
  return `${member.family.kanji} ${member.given.kanji}`;
}

function uniqueLogin(login: string, logins: Map<string, number>): string {
  const count = (logins.get(login) ?? 0) + 1;
  logins.set(login, count);
  return count === 1 ? login : `${login}${count}`;
}
