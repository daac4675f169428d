// What the Mosquitto connector decides without a broker: return codes, its block of the estate file, names.
import { describe, expect, test } from 'vitest';
import { config, listenersOf } from './config.ts';
import { kindOf } from './inventory.ts';
import { connackMeanings, probedOf } from './probe.ts';

const block = (more: object = {}) => ({ file: 'passwords', reload: { pidFile: '/run/mosquitto.pid' }, ...more });

describe('a return code', () => {
  test('rejects only where the standard or Mosquitto names user name and password', () => {
    const rejecting = Object.entries(connackMeanings).filter(([, { verdict }]) => verdict === 'rejected');
    expect(rejecting.map(([code]) => code)).toEqual(['4', '5']);
  });

  test.each([
    [0, 'accepted'],
    [1, 'indeterminate'],
    [2, 'indeterminate'],
    [3, 'indeterminate'],
    [4, 'rejected'],
    [5, 'rejected'],
    [6, 'indeterminate'],
    [135, 'indeterminate'],
  ] as const)('%d is %s', (code, verdict) => {
    expect(probedOf({ code })).toMatchObject({ verdict, code: String(code) });
  });

  test('that never came says nothing', () => {
    for (const failed of ['ETIMEDOUT', 'ECONNRESET', 'ECLOSED', 'EPROTO'])
      expect(probedOf({ failed })).toEqual({ verdict: 'indeterminate', code: failed });
  });
});

describe('the estate file', () => {
  test('wants a way to tell the broker, and knows no other key', () => {
    expect(config.safeParse({ file: 'passwords' }).success).toBe(false);
    expect(config.safeParse(block({ reload: {} })).success).toBe(false);
    expect(config.safeParse(block({ reload: { command: [] } })).success).toBe(false);
    expect(config.safeParse(block({ pasword: 1 })).success).toBe(false);
  });

  test('sends no password in the clear to another machine unless it says so', () => {
    expect(config.safeParse(block({ host: 'mq.example.test', tls: { mode: 'disable' } })).error?.issues[0]?.path).toEqual(['host']);
    const other = block({ tls: { mode: 'disable' }, listeners: [{ host: '10.0.0.1', port: 1883 }] });
    expect(config.safeParse(other).error?.issues[0]?.path).toEqual(['listeners', 0, 'host']);
  });

  test('takes the standard port of the protection it has', () => {
    const port = (more: object) => listenersOf(config.parse(block(more)), { path: (relative: string) => relative } as never)[0].port;
    expect([port({}), port({ tls: {} }), port({ host: 'mq.example.test' }), port({ port: 9 })]).toEqual([1883, 8883, 8883, 9]);
  });
});

test('devices are services; addresses and first.last are people', () => {
  expect(['sensor-1', 'jane.roe', 'a@b.test'].map(kindOf)).toEqual(['service', 'human', 'human']);
});
