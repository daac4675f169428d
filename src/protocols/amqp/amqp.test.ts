// The AMQP frames of a login and what their endings mean: only a refusal of the login itself is a refused secret.
import { describe, expect, test } from 'vitest';
import { method, readMethod, startOk, tuneOk } from './frames.ts';
import { closeMeanings, probedOf } from './login.ts';

const refusal = 'ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN. For details see the broker logfile.';

describe('an ending', () => {
  test('rejects by the refusal of the login alone, before the broker went on', () => {
    expect(closeMeanings.filter(({ verdict }) => verdict === 'rejected').map(({ code, tuned }) => [code, tuned])).toEqual([[403, false]]);
  });

  test.each([
    [403, false, refusal, 'rejected'],
    [403, false, 'ACCESS_REFUSED - something else', 'indeterminate'],
    [403, true, refusal, 'indeterminate'],
    [530, true, "NOT_ALLOWED - access to vhost 'x' refused for user 'app'", 'accepted'],
    [530, true, 'NOT_ALLOWED - vhost x not found', 'accepted'],
    [530, true, "NOT_ALLOWED - connection refused for user 'app': user connection limit (0) is reached", 'blocked'],
    [530, true, "NOT_ALLOWED - access to vhost '/' refused for user 'app': connection limit (5) is reached", 'blocked'],
    [530, false, 'NOT_ALLOWED', 'indeterminate'],
    [320, true, 'CONNECTION_FORCED', 'indeterminate'],
    [501, false, 'FRAME_ERROR', 'indeterminate'],
    [541, true, 'INTERNAL_ERROR', 'indeterminate'],
  ] as const)('%d (after tuning: %s) "%s" is %s', (code, tuned, text, verdict) => {
    expect(probedOf({ tuned, closed: { code, text } })).toEqual({ verdict, code: String(code) });
  });

  test('without a code accepts only once the connection is open', () => {
    expect(probedOf({ tuned: true })).toEqual({ verdict: 'accepted', code: 'open-ok' });
    expect(probedOf({ tuned: false }).verdict).toBe('indeterminate');
    expect(probedOf({ tuned: true, odd: 'EPROTO' })).toEqual({ verdict: 'indeterminate', code: 'EPROTO' });
  });
});

describe('a frame', () => {
  const close = Buffer.from(`01000000000012000a0032${'0193'}07${Buffer.from('REFUSED').toString('hex')}00000000ce`, 'hex');

  test('is read whole, whatever comes after it, and not before it is whole', () => {
    for (let length = 0; length < close.length; length++) expect(readMethod(close.subarray(0, length))).toBe('more');
    expect(readMethod(Buffer.concat([close, close]))).toMatchObject({
      used: close.length,
      name: method.close,
      closed: { code: 403, text: 'REFUSED' },
    });
  });

  test('of something else is odd: HTTP, a wrong end, a size beyond reason, a text longer than its frame', () => {
    const broken = (at: number, byte: number): Buffer => {
      const copy = Buffer.from(close);
      copy[at] = byte;
      return copy;
    };
    for (const bytes of [Buffer.from('HTTP/1.1 400 Bad Request\r\n'), broken(close.length - 1, 0), broken(3, 0xff), broken(13, 0xff)])
      expect(readMethod(bytes)).toBe('odd');
  });

  test('of our own carries mechanism, response and the wish to be told a refusal', () => {
    const bytes = startOk('app', Buffer.from('pw'));
    expect(readMethod(bytes)).toMatchObject({ used: bytes.length, name: method.startOk });
    expect(bytes.includes(Buffer.from('\x05PLAIN\x00\x00\x00\x07\x00app\x00pw\x05en_US', 'latin1'))).toBe(true);
    expect(bytes.includes('authentication_failure_close')).toBe(true);
  });

  test('of tuning takes what the broker proposes', () => {
    const bytes = tuneOk({ channels: 2047, frame: 131_072 });
    expect(bytes.subarray(11).toString('hex')).toBe('07ff000200000000ce');
  });
});
