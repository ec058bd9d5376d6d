/** Bus rides of the last two weeks from the IC card system of the town's bus company: there in the morning, back later. */
import { addDays, instantOf } from './days.js';
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';
import type { DatedRecord } from './dated-record.js';

interface Line {
  readonly id: string;
  readonly name: string;
  readonly stops: readonly string[];
}

const lines: readonly Line[] = [
  { id: 'R1', name: '1系統 灯台線', stops: ['みなと野駅', '市役所前', '港本町', '灯台坂上', '灯台公園'] },
  { id: 'R2', name: '2系統 浜風線', stops: ['みなと野駅', '中央病院', '北浜', '浜風台三丁目', '浜風台車庫'] },
  { id: 'R3', name: '3系統 丘の上循環', stops: ['みなと野駅', '大学入口', '青葉ヶ丘', '渚ヶ丘', '見晴台'] },
  { id: 'R4', name: '4系統 川辺線', stops: ['みなと野駅', '橋詰町', '水車前', '葦の原団地'] },
];

export function makeTrips(person: DemoPerson, random: Random, today: string): DatedRecord[] {
  const line = random.pick(lines);
  const home = random.integer(1, line.stops.length - 1);
  const cardId = `MNIC-${random.digits(4)}-${random.digits(4)}-${random.digits(4)}`;
  const isCommuter = person.age >= 16 && person.age < 65 && random.chance(0.5);
  const rides: DatedRecord[] = [];
  for (let daysAgo = 14; daysAgo >= 1; daysAgo -= isCommuter ? 1 : random.integer(2, 5)) {
    const onDate = addDays(today, -daysAgo);
    const isWeekend = [0, 6].includes(new Date(`${onDate}T00:00:00Z`).getUTCDay());
    if (isCommuter && isWeekend) continue;
    const leaves = isCommuter ? random.integer(405, 510) : random.integer(540, 720);
    const returns = leaves + (isCommuter ? random.integer(540, 660) : random.integer(70, 240));
    rides.push(ride(person, random, line, cardId, onDate, [home, 0], leaves, isCommuter));
    rides.push(ride(person, random, line, cardId, onDate, [0, home], returns, isCommuter));
  }
  return rides;
}

function ride(
  person: DemoPerson,
  random: Random,
  line: Line,
  cardId: string,
  onDate: string,
  [from, to]: readonly [number, number],
  minutes: number,
  isCommuter: boolean,
): DatedRecord {
  const distance = Math.abs(from - to);
  const stop = (position: number, at: number) => ({
    stopId: `${line.id}-${String(position + 1).padStart(2, '0')}`,
    stopName: line.stops[position]!,
    at: instantOf(onDate, at),
  });
  const adultFare = 160 + distance * 20;
  const fareType = person.age < 12 ? 'child' : person.age >= 70 ? 'senior' : isCommuter ? 'pass' : 'adult';
  return {
    onDate,
    data: {
      id: random.uuid(),
      operator: 'みなと野バス',
      mode: 'bus',
      route: { id: line.id, name: line.name },
      origin: stop(from, minutes),
      destination: stop(to, minutes + 4 + distance * random.integer(4, 6)),
      fareYen: fareType === 'pass' ? 0 : fareType === 'adult' ? adultFare : adultFare / 2,
      fareType,
      cardId,
    },
  };
}
