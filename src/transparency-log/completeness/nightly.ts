/** When a day is indexed: at three in the morning in Japan, when little is going on. */

const hourInJapan = 3;
const japanAheadHours = 9;
const dayMs = 86_400_000;
const hourMs = 3_600_000;

/** The newest three o'clock in Japan that is not after `now`. */
export function lastNight(now: Date): Date {
  const shiftMs = (japanAheadHours - hourInJapan) * hourMs;
  return new Date(Math.floor((now.getTime() + shiftMs) / dayMs) * dayMs - shiftMs);
}
