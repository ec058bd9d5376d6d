/** There is nothing to serve yet. */

/** The database holds no city and none may be founded here. */
export class NoCity extends Error {
  override readonly name = 'NoCity';

  constructor() {
    super('the database holds no city yet; set AZUKARI_DEMO=1 to found a demo city in it');
  }
}
