// Only the named user's hash changes, in each of their lines; every other byte stays.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asText, asWritten, linesOf, withHash, withMore } from './lines.ts';

test('comments, blank lines and lines without a colon are nobody’s', () => {
  expect(linesOf('# a:b\n\n:x\nno colon\nalice:h\r\nbob:h2:more:fields\n#bob:old')).toEqual([
    { user: 'alice', hash: 'h', more: '' },
    { user: 'bob', hash: 'h2', more: 'more:fields' },
  ]);
});

test('a name that begins like another one is another one', () => {
  expect(withHash('al:1\nalice:2\nalic:3', 'alice', 'N')).toBe('al:1\nalice:N\nalic:3');
  expect(withHash('# alice:1\n', 'alice', 'N')).toBeUndefined();
  expect(withHash('alice.x:1\n', 'alice', 'N')).toBeUndefined();
});

test('what stands behind the hash, and the end of the line, stay', () => {
  expect(withHash('alice:old:1000::/home\r\nalice:\nlast:x', 'alice', 'N')).toBe('alice:N:1000::/home\r\nalice:N\nlast:x');
  expect(withMore('alice:h:a:b\r\nbob:h', 'alice', (more) => `${more}!`)).toBe('alice:h:a:b!\r\nbob:h');
});

test('names of any encoding are found as they are written', () => {
  const written = Buffer.from('Ünsal:h\n', 'utf8').toString('latin1');
  expect(withHash(written, asWritten('Ünsal'), 'N')).toBe(written.replace(':h', ':N'));
  expect(asText(asWritten('Ünsal'))).toBe('Ünsal');
});

test('whatever the file holds, all bytes outside the hashes of the user are kept', () => {
  const line = fc.oneof(
    fc.constantFrom('', '#c', '# u:1', 'u', 'u:', 'u:h', 'u:h:x:y', 'uu:h', ' u:h', '\r', ':', 'u:h\r'),
    fc.string({ maxLength: 12 }).map((text) => text.replace(/[\n]/g, '')),
  );
  fc.assert(
    fc.property(fc.array(line, { maxLength: 12 }), fc.constantFrom('', '\n'), (lines, end) => {
      const text = lines.join('\n') + end;
      const after = withHash(text, 'u', 'NEW');
      const hashes = linesOf(text).filter(({ user }) => user === 'u');
      if (after === undefined) return hashes.length === 0;
      const kept = (whole: string): string[] => whole.split('\n').map((each) => each.replace(/^u:[^:\r]*/, 'u:_'));
      expect(kept(after)).toEqual(kept(text));
      expect(linesOf(after).filter(({ user, hash }) => user === 'u' && hash !== 'NEW')).toEqual([]);
    }),
  );
});
