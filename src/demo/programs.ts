/** The eight data use programs of the demo city: five active, one before the board, one refused, one suspended. */
import type { DemoProgram } from './demo-program.js';
import { checkupFollowUp } from './programs/checkup-follow-up.js';
import { healthBasedCoupons } from './programs/health-based-coupons.js';
import { livingAloneOutreach } from './programs/living-alone-outreach.js';
import { medicationCheck } from './programs/medication-check.js';
import { returningCustomerSurvey } from './programs/returning-customer-survey.js';
import { stopAndTimetablePlanning } from './programs/stop-and-timetable-planning.js';
import { walkingAndHealth } from './programs/walking-and-health.js';
import { walkingDiscount } from './programs/walking-discount.js';

/** @param today the day the programs begin, `YYYY-MM-DD`. The first is the one that a tour shows. */
export function demoPrograms(today: string): DemoProgram[] {
  return [
    checkupFollowUp(today),
    walkingAndHealth(today),
    stopAndTimetablePlanning(today),
    livingAloneOutreach(today),
    walkingDiscount(today),
    healthBasedCoupons(today),
    returningCustomerSurvey(today),
    medicationCheck(today),
  ];
}
