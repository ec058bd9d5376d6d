/** TypeORM's connection reads the same values as the plain pool, and never changes the schema. */
import 'reflect-metadata';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import { openDatabase } from '../../src/database/database.js';
import { asAdmin } from '../../src/database/migrate.js';
import { aFreshCity, type FreshCity } from '../setup/fresh-database.js';

@Entity({ schema: 'public', name: 'meter' })
class Meter {
  @PrimaryColumn({ type: 'bigint' })
  id!: number;

  @Column({ type: 'date' })
  day!: string;

  @Column({ type: 'text', name: 'not_in_the_table', select: false, nullable: true })
  missing!: string | null;
}

let city: FreshCity;

beforeAll(async () => {
  city = await aFreshCity();
  await asAdmin(city.adminUrl, (client) =>
    client.query(`CREATE TABLE meter (id bigint PRIMARY KEY, day date NOT NULL);
                  INSERT INTO meter VALUES (9007199254740991, '2027-04-01')`),
  );
});

afterAll(() => city.drop());

const options = () => ({ url: city.adminUrl, entities: [Meter], poolSize: 2, applicationName: 'database test' });

test('an entity’s int8 is a number and its date is text, whatever the machine’s time zone', async () => {
  const database = await openDatabase(options());
  try {
    expect(await database.getRepository(Meter).find()).toEqual([{ id: 9007199254740991, day: '2027-04-01' }]);
    const { rows } = await asAdmin(city.adminUrl, (client) =>
      client.query("SELECT FROM information_schema.columns WHERE column_name = 'not_in_the_table'"),
    );
    expect(rows).toEqual([]);
  } finally {
    await database.destroy();
  }
});

test('an idle connection that is cut does not end the process, and the next query goes on', async () => {
  const database = await openDatabase(options());
  try {
    await database.query('SELECT 1');
    await asAdmin(city.adminUrl, (client) =>
      client.query(
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'database test'",
      ),
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await database.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    await database.destroy();
  }
});

test('a URL that leads nowhere fails when opening, not at the first use', async () => {
  await expect(openDatabase({ ...options(), url: 'postgres://x:y@127.0.0.1:1/z' })).rejects.toThrow('ECONNREFUSED');
});
