/** HTML for residents, recipients, the board and the public. */
import { type DynamicModule, Module } from '@nestjs/common';
import type { City } from '../database/city.js';

export const CITY = Symbol('city');

@Module({})
export class PagesModule {
  static register({ city }: { city: City }): DynamicModule {
    return { module: PagesModule, providers: [{ provide: CITY, useValue: city }] };
  }
}
