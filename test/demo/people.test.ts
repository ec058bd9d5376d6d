import { demoPeople, type DemoPerson } from '../../src/demo/people.js';

const today = '2026-11-21';
const people = demoPeople(1000, today);
const share = (isAmong: (person: DemoPerson) => boolean) => people.filter(isAmong).length / people.length;

describe('the residents of the demo city', () => {
  it('are the same for the same day, and the first ten for any size', () => {
    expect(demoPeople(1000, today)).toEqual(people);
    expect(demoPeople(1200, today).slice(0, 990)).toEqual(people.slice(0, 990));
    expect(demoPeople(10, today)).toEqual(people.slice(0, 10));
  });

  it('are as many as asked for, each with a sign-in name and number of their own', () => {
    for (const count of [10, 11, 12, 999, 1200]) expect(demoPeople(count, today)).toHaveLength(count);
    expect(new Set(people.map(({ login }) => login)).size).toBe(1000);
    expect(people.map(({ number }) => number)).toEqual(people.map((_, position) => position + 1));
    for (const { login } of people) expect(login).toMatch(/^[a-z]+\.[a-z]+[0-9]*$/);
  });

  it('begin with the ten that demonstrations show', () => {
    expect(people.slice(0, 10).map(({ login, age }) => `${login} ${age}`)).toEqual([
      'sato.haruka 43',
      'sato.daisuke 46',
      'sato.aoi 17',
      'sato.minato 9',
      'suzuki.kenichi 78',
      'takahashi.yumiko 63',
      'takahashi.fumiko 91',
      'nguyen.lan 31',
      'tanaka.ren 24',
      'ito.makoto 55',
    ]);
    expect(people[4]!.household).toMatchObject({ composition: 'single', members: [{ name: '鈴木 健一' }] });
    expect(people[7]).toMatchObject({ language: 'en', name: 'グエン ティ・ラン' });
  });

  it('keep their ages whatever the day', () => {
    for (const day of ['2027-01-01', '2028-02-29', '2031-03-31']) {
      expect(demoPeople(10, day).map(({ age }) => age)).toEqual([43, 46, 17, 9, 78, 63, 91, 31, 24, 55]);
    }
  });

  it('have the ages of a Japanese coastal town', () => {
    const ages = people.map(({ age }) => age);
    expect(Math.min(...ages)).toBeLessThan(3);
    expect(Math.max(...ages)).toBeGreaterThan(92);
    expect(Math.max(...ages)).toBeLessThan(100);
    expect(share(({ age }) => age < 15)).toBeGreaterThan(0.09);
    expect(share(({ age }) => age >= 40)).toBeGreaterThan(0.55);
    expect(share(({ age }) => age >= 65)).toBeGreaterThan(0.24);
    expect(share(({ age }) => age >= 65)).toBeLessThan(0.36);
    expect(share(({ sex }) => sex === 'female')).toBeGreaterThan(0.46);
  });

  it('live in households that fit: one address, one head, children younger than their parents', () => {
    for (const person of people) {
      const housemates = people.filter(({ household }) => household.number === person.household.number);
      expect(housemates.map(({ name }) => name)).toEqual(person.household.members.map(({ name }) => name));
      expect(new Set(housemates.map(({ address }) => address.text)).size).toBe(1);
      expect(housemates.filter(({ household }) => household.relation === '世帯主')).toHaveLength(1);
      const head = housemates.find(({ household }) => household.relation === '世帯主')!;
      if (person.household.relation === '子') expect(head.age - person.age).toBeGreaterThanOrEqual(18);
    }
  });

  it('can be reached nowhere: postal codes, telephone numbers and mail domains that nobody has', () => {
    for (const { address, phone, email } of people) {
      expect(address.postalCode).toMatch(/^000-00\d\d$/);
      expect(address.text.startsWith('みなと野市')).toBe(true);
      expect(phone).toMatch(/^0(?:[789]0-0\d{3}|999-0\d)-\d{4}$/);
      expect(email).toMatch(/@(?:[a-z]+\.example|example\.(?:com|jp))$/);
    }
  });

  it('refuse a size that is no city', () => {
    for (const count of [0, 9, 10.5, 100_001]) expect(() => demoPeople(count, today)).toThrow(RangeError);
  });
});
