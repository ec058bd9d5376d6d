/** What the pages are handed at start: the city they speak for and the files they load. */

/** Injection token of the `City`. */
export const CITY = Symbol('city');

/** Injection token of the `Assets`. */
export const ASSETS = Symbol('assets of the pages');
