/** The demo city itself: みなと野市, in a prefecture that does not exist. */
import type { NewCity } from '../database/city.js';
import { city } from './addresses.js';

export const demoCity: NewCity = {
  nameJa: city.ja,
  nameEn: city.en,
  municipalityCode: city.municipalityCode,
  operatorKind: 'city',
  boardMode: 'binding',
  logOrigin: 'minatono.azukari.example/log/2026',
  demo: true,
};
