// The wire of Redis: whole replies whatever the chunks, and nothing taken for a reply that is none.
import { describe, expect, test } from 'vitest';
import { encode, ProtocolError, Replies } from './resp.ts';

const wire = '+OK\r\n-WRONGPASS invalid pair\r\n:42\r\n$5\r\na\r\nbc\r\n$-1\r\n*2\r\n$1\r\nx\r\n*1\r\n+y\r\n*0\r\n$0\r\n\r\n';
const replies = ['OK', { code: 'WRONGPASS', text: 'invalid pair' }, 42, 'a\r\nbc', null, ['x', ['y']], [], ''];

test('a command is an array of byte strings, counted in bytes', () => {
  expect(encode(['AUTH', 'ü', new Uint8Array([1, 2])]).toString('latin1')).toBe('*3\r\n$4\r\nAUTH\r\n$2\r\nÃ¼\r\n$2\r\n\u0001\u0002\r\n');
});

describe('replies', () => {
  test.each([1, 2, 3, 7, 1000])('arrive whole in chunks of %d bytes', (size) => {
    const bytes = Buffer.from(wire);
    const parser = new Replies();
    const found = [];
    for (let at = 0; at < bytes.length; at += size) found.push(...parser.push(bytes.subarray(at, at + size)));
    expect(found).toEqual(replies);
  });

  test.each(['HTTP/1.1 400 Bad Request\r\n\r\n', ':many\r\n', '$x\r\n', `${'*1\r\n'.repeat(20)}:1\r\n`])(
    'of something else than Redis are an error: %j',
    (text) => {
      expect(() => new Replies().push(Buffer.from(text))).toThrow(ProtocolError);
    },
  );
});
