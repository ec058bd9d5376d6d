/**
 * Who lives with whom: households of invented people by composition, ages and relations, mixed so that the city's ages come out like
 * those of a Japanese coastal town (about a third 65 or older, one in nine a child).
 */
import type { NamePart } from './names.js';
import type { Random } from './random.js';

export type Sex = 'female' | 'male';
export type Composition =
  'single' | 'couple' | 'parents_and_children' | 'single_parent' | 'three_generations' | 'other';
/** Relation to the head of the household, as the register writes it. */
export type Relation = '世帯主' | '妻' | '夫' | '子' | '父' | '母' | '子の子' | '子の妻';

export interface HouseholdPlan {
  readonly composition: Composition;
  /** The head comes first. Ages are full years, 0 to 98. */
  readonly members: readonly { readonly relation: Relation; readonly sex: Sex; readonly age: number }[];
}

type Member = HouseholdPlan['members'][number];

/** A household whose members have names. */
export interface NamedHousehold {
  readonly composition: Composition;
  /** BCP 47. */
  readonly language: 'ja' | 'ja-Hira' | 'en';
  readonly members: readonly (Member & { readonly family: NamePart; readonly given: NamePart })[];
}

const compositions: readonly (readonly [Composition, number])[] = [
  ['single', 40],
  ['couple', 30],
  ['parents_and_children', 15],
  ['single_parent', 6],
  ['three_generations', 4],
  ['other', 5],
];

export function planHousehold(random: Random): HouseholdPlan {
  const composition = random.pickWeighted(compositions);
  return { composition, members: members[composition](random) };
}

export function planSingle(random: Random): HouseholdPlan {
  return { composition: 'single', members: members.single(random) };
}

const members: Record<Composition, (random: Random) => Member[]> = {
  single(random) {
    const age = random.pickWeighted([
      [random.integer(18, 34), 22],
      [random.integer(35, 64), 36],
      [random.integer(65, 84), 31],
      [random.integer(85, 98), 11],
    ]);
    return [{ relation: '世帯主', sex: age >= 65 ? elderSex(random) : anySex(random), age }];
  },
  couple(random) {
    return makeCouple(random, random.chance(0.62) ? random.integer(62, 92) : random.integer(26, 61));
  },
  parents_and_children(random) {
    const couple = makeCouple(random, random.integer(27, 58));
    return [...couple, ...makeChildren(random, Math.min(couple[0]!.age, couple[1]!.age), '子')];
  },
  single_parent(random) {
    const age = random.integer(26, 57);
    const sex = random.chance(0.85) ? 'female' : 'male';
    return [{ relation: '世帯主', sex, age }, ...makeChildren(random, age, '子')];
  },
  three_generations(random) {
    const child = random.integer(32, 52);
    const wife = Math.max(24, child - random.integer(0, 5));
    const grandparents = makeCouple(random, Math.min(97, child + random.integer(24, 34)));
    const middle: Member[] = [
      { relation: '子', sex: 'male', age: child },
      { relation: '子の妻', sex: 'female', age: wife },
    ];
    return [
      ...(random.chance(0.6) ? grandparents : grandparents.slice(0, 1)),
      ...middle,
      ...makeChildren(random, wife, '子の子'),
    ];
  },
  other(random) {
    const age = random.integer(44, 70);
    const isMother = random.chance(0.8);
    const parent: Member = {
      relation: isMother ? '母' : '父',
      sex: isMother ? 'female' : 'male',
      age: Math.min(98, age + random.integer(22, 34)),
    };
    return [{ relation: '世帯主', sex: anySex(random), age }, parent];
  },
};

function anySex(random: Random): Sex {
  return random.chance(0.5) ? 'female' : 'male';
}

/** Women live longer: seven in ten who live alone at 65 or older are women. */
function elderSex(random: Random): Sex {
  return random.chance(0.68) ? 'female' : 'male';
}

function makeCouple(random: Random, headAge: number): Member[] {
  const isHeadMale = random.chance(0.86);
  const difference = random.integer(-2, 5) * (isHeadMale ? 1 : -1);
  return [
    { relation: '世帯主', sex: isHeadMale ? 'male' : 'female', age: headAge },
    {
      relation: isHeadMale ? '妻' : '夫',
      sex: isHeadMale ? 'female' : 'male',
      age: Math.min(98, Math.max(22, headAge - difference)),
    },
  ];
}

/** One to three children, born when the younger parent was 20 to 40; those over 26 have left home. */
function makeChildren(random: Random, parentAge: number, relation: '子' | '子の子'): Member[] {
  const eldest = Math.min(26, Math.max(0, parentAge - random.integer(22, 36)));
  const count = random.pickWeighted([
    [1, 45],
    [2, 43],
    [3, 12],
  ] as const);
  const children: Member[] = [];
  for (let age = eldest; age >= 0 && children.length < count; age -= random.integer(2, 4)) {
    children.push({ relation, sex: anySex(random), age });
  }
  return children;
}
