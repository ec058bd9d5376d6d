/** Name and contact details as the resident register hands them over. */
import type { DemoPerson } from './people.js';
import type { Random } from './random.js';

export function makeContact(
  person: DemoPerson,
  random: Random,
  asOf: string,
): { id: string; [member: string]: unknown } {
  return {
    id: random.uuid(),
    name: person.name,
    kana: person.kana,
    postalCode: person.address.postalCode,
    address: person.address.text,
    district: person.address.district,
    phone: person.phone,
    // Young children have no mail address of their own.
    ...(person.age < 13 ? {} : { email: person.email }),
    preferredLanguage: person.language,
    asOf,
  };
}
