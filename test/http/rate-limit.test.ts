/** Token buckets: what may come at once may, what comes too fast waits, and a failing peer slows down nobody who is right. */
import { Controller, Get, Query } from '@nestjs/common';
import fc from 'fast-check';
import { peerKey, RateLimits, rateLimits, TokenBuckets } from '../../src/http/rate-limit.js';
import { Mistake } from '../../src/kernel/errors.js';
import { anHttpApp } from './http-app.js';

test('in any window no more is given than the burst and what flowed in meanwhile', () => {
  const limit = { burst: 5, perSecond: 2 };
  fc.assert(
    fc.property(fc.array(fc.nat(900), { minLength: 1, maxLength: 200 }), (pauses) => {
      const buckets = new TokenBuckets(limit);
      const given: number[] = [];
      let now = 0;
      for (const pause of pauses) {
        now += pause;
        const waitSeconds = buckets.take('key', now);
        if (waitSeconds === 0) given.push(now);
        else expect(waitSeconds).toBeLessThanOrEqual(1 / limit.perSecond);
      }
      for (const [index, start] of given.entries()) {
        for (const [offset, end] of given.slice(index).entries()) {
          expect(offset + 1).toBeLessThanOrEqual(limit.burst + ((end - start) / 1000) * limit.perSecond + 1e-9);
        }
      }
    }),
    { seed: 429, numRuns: 100 },
  );
});

test('whoever waits as long as told is served', () => {
  const buckets = new TokenBuckets({ burst: 3, perSecond: 0.5 });
  const waits = [0, 0, 0, 0].map(() => buckets.take('key', 1_000));
  expect(waits).toEqual([0, 0, 0, 2]);
  expect(buckets.take('key', 2_999)).toBeGreaterThan(0);
  expect(buckets.take('key', 3_000)).toBe(0);
  expect(buckets.take('another key', 3_000)).toBe(0);
});

test('a clock that is set back gives nothing and takes nothing', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 1 });
  expect(buckets.take('key', 10_000)).toBe(0);
  expect(buckets.take('key', 0)).toBe(1);
});

test('keys beyond the bound push out the one unused for longest', () => {
  const buckets = new TokenBuckets({ burst: 1, perSecond: 0.001 }, 2);
  expect([buckets.take('a', 0), buckets.take('b', 0)]).toEqual([0, 0]);
  expect(buckets.take('a', 0)).toBeGreaterThan(0);
  expect(buckets.take('c', 0)).toBe(0);
  expect(buckets.take('a', 0)).toBeGreaterThan(0);
  expect(buckets.take('b', 0)).toBe(0);
});

test('a refusal says after how many whole seconds to come back', () => {
  const limits = new RateLimits(() => new Date(0), { ...rateLimits, 'sign-in': { burst: 1, perSecond: 0.4 } });
  limits.take('sign-in', 'peer');
  expect(() => limits.take('sign-in', 'peer')).toThrow(
    expect.objectContaining({ code: 'rate-limited', headers: { 'retry-after': '3' } }) as Error,
  );
});

test.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '::ffff:192.0.2.7'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:db8::6', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['fe80::', 'fe80:0:0:0'],
])('%s counts as %s', (address, key) => {
  expect(peerKey(address)).toBe(key);
});

@Controller('v1')
class TokenController {
  @Get('read')
  read(@Query('token') token: string | undefined) {
    if (token !== 'good') throw new Mistake('invalid-token', 'this is no access token of ours');
    return {};
  }
}

test('a peer that keeps failing is told to wait, and its good requests are served all the same', async () => {
  const limits = { ...rateLimits, 'failed-authentication': { burst: 5, perSecond: 0.001 } };
  const service = await anHttpApp({
    controllers: [TokenController],
    rateLimits: new RateLimits(() => new Date(0), limits),
  });
  const read = async (token: string) => {
    const response = await fetch(`${service.url}/v1/read?token=${token}`);
    return [response.status, response.headers.get('retry-after')];
  };
  for (let attempt = 0; attempt < 5; attempt++) expect(await read('bad')).toEqual([401, null]);
  expect(await read('bad')).toEqual([429, '1000']);
  expect(await read('good')).toEqual([200, null]);
  expect(service.securityLines.map((line) => (JSON.parse(line) as { event: string }).event)).toEqual([
    ...Array<string>(5).fill('authentication-failed'),
    'rate-limited',
  ]);
  await service.close();
});

test('the defaults do not hinder thousands of reads a second', () => {
  const limits = new RateLimits(() => new Date(0));
  for (let read = 0; read < 20_000; read++) limits.take('recipient', 'hamakaze-clinic');
});
