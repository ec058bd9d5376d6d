/**
 * Where invented people live: districts and towns of みなと野市, which does not exist, with postal codes (000-…) and telephone numbers
 * (a zero after the area or mobile prefix) that the numbering plans never assign, and mail domains reserved for examples (RFC 2606).
 */
import type { NamePart } from './names.js';
import type { Random } from './random.js';

export const city = { ja: 'みなと野市', en: 'Minatono City', municipalityCode: '990019' } as const;

export interface Address {
  /** `000-1234` */
  readonly postalCode: string;
  readonly district: string;
  readonly town: string;
  readonly text: string;
}

/** Towns by district, each with its four digits of the postal code and how many 丁目 it has. */
const districts: readonly {
  name: string;
  towns: readonly (readonly [town: string, code: string, blocks: number])[];
}[] = [
  {
    name: '潮見地区',
    towns: [
      ['潮見町', '0011', 5],
      ['灯台坂', '0012', 3],
      ['港本町', '0013', 4],
    ],
  },
  {
    name: '浜手地区',
    towns: [
      ['北浜', '0021', 3],
      ['小舟町', '0022', 2],
      ['浜風台', '0023', 6],
    ],
  },
  {
    name: '松原地区',
    towns: [
      ['松並', '0031', 4],
      ['松原本町', '0032', 3],
      ['磯の森', '0033', 2],
    ],
  },
  {
    name: '丘の上地区',
    towns: [
      ['渚ヶ丘', '0041', 5],
      ['青葉ヶ丘', '0042', 6],
      ['見晴台', '0043', 2],
    ],
  },
  {
    name: '川辺地区',
    towns: [
      ['橋詰町', '0051', 3],
      ['水車前', '0052', 2],
      ['葦の原', '0053', 4],
    ],
  },
];

export function makeAddress(random: Random): Address {
  const district = random.pick(districts);
  const [town, code, blocks] = random.pick(district.towns);
  const number = `${random.integer(1, blocks)}丁目${random.integer(1, 28)}番${random.integer(1, 19)}号`;
  return { postalCode: `000-${code}`, district: district.name, town, text: `${city.ja}${town}${number}` };
}

export function makeMobileNumber(random: Random): string {
  return `${random.pick(['070', '080', '090'])}-0${random.digits(3)}-${random.digits(4)}`;
}

export function makeLandline(random: Random): string {
  return `0999-0${random.digits(1)}-${random.digits(4)}`;
}

export function makeMailAddress(random: Random, login: string): string {
  return `${login}@${random.pick(['mail.example', 'example.jp', 'example.com', 'minatono.example'])}`;
}

/** Lower-case Latin letters of a name, as sign-in names and mail addresses use them. */
export function loginOf(family: NamePart, given: NamePart): string {
  return `${family.romaji}.${given.romaji}`;
}
