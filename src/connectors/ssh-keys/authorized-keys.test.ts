// authorized_keys as sshd reads it, and the two changes: a key beside the others, a key alone.
import { describe, expect, test } from 'vitest';
import { type PublicKey, publicKeyOf } from '../../protocols/ssh/key.ts';
import { isCa, isIdle, markerOf, parseLine, parseLines } from './authorized-keys.ts';
import { type KeyFile, placesOf } from './files.ts';
import { besides, onlyThis } from './write.ts';

const key = (n: number): PublicKey =>
  publicKeyOf(
    Buffer.from(`0000000b${Buffer.from('ssh-ed25519').toString('hex')}00000020${n.toString(16).padStart(2, '0').repeat(32)}`, 'hex'),
  );
const line = (n: number, options = '', comment = `key${n}`): string => `${options === '' ? '' : `${options} `}${key(n).line} ${comment}`;
const file = (path: string, ...lines: readonly string[]): KeyFile => ({
  path,
  digest: 'd',
  lines: parseLines(lines.map((each) => `${each}\n`).join('')),
});

describe('a line', () => {
  test('has options, key and comment, whatever stands in quotes', () => {
    for (const options of [
      '',
      'restrict',
      'from="10.0.0.0/8,!10.1.*",no-pty',
      'command="echo \\"a b\\" ssh-rsa AAAA"',
      'environment="A=ssh-ed25519 x"',
    ]) {
      const parsed = parseLine(line(1, options, 'two words'));
      expect([parsed.options, parsed.key?.fingerprint, parsed.comment], options).toEqual([options, key(1).fingerprint, 'two words']);
    }
    expect(parseLine(`\t${key(1).line}`).key?.fingerprint).toBe(key(1).fingerprint);
  });

  test('that is no key lets somebody in or not: comments and blanks do not, anything else might', () => {
    for (const idle of ['', '   ', '# ssh-ed25519 AAAA', '\t#x']) expect(isIdle(parseLine(idle)), idle).toBe(true);
    for (const odd of [
      'ssh-ed25519',
      'ssh-ed25519 AAAA',
      `ssh-rsa ${key(1).line.split(' ')[1]}`,
      'ssh-new@example.test AAAA',
      '1024 35 123',
    ])
      expect([isIdle(parseLine(odd)), parseLine(odd).key], odd).toEqual([false, undefined]);
  });

  test('of a CA is known by its option, not by the word in a quote', () => {
    expect(isCa(parseLine(line(1, 'cert-authority,principals="a"')))).toBe(true);
    expect(isCa(parseLine(line(1, 'command="cert-authority,"')))).toBe(false);
  });
});

describe('beside the others', () => {
  test('a key joins the file that holds keys, with their options; again it changes nothing', () => {
    const files = [file('/a'), file('/b', '# mine', line(1, 'restrict'))];
    const edits = besides(files, key(2), 'rekey-v1');
    expect(edits).toMatchObject({
      kind: 'done',
      value: [{ file: { path: '/b' }, text: `# mine\n${line(1, 'restrict')}\n${line(2, 'restrict', 'rekey-v1')}\n` }],
    });
    expect(besides([file('/a', line(2, 'restrict'))], key(2), 'again')).toEqual({ kind: 'done', value: [] });
  });

  test('keys of different options make Rekey ask, and the estate file answers', () => {
    const files = [file('/a', line(1, 'restrict'), line(3))];
    expect(besides(files, key(2), 'x')).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(besides(files, key(2), 'x', 'from="10.*"')).toMatchObject({
      kind: 'done',
      value: [{ text: expect.stringContaining(`from="10.*" ${key(2).line} x\n`) }],
    });
  });

  test("a CA's line with the same bytes is not the key", () => {
    expect(besides([file('/a', line(2, 'cert-authority'))], key(2), 'x')).toMatchObject({
      value: [{ text: expect.stringContaining(`\n${key(2).line} x\n`) }],
    });
  });
});

describe('alone', () => {
  test('every other key, CA and unreadable line goes from every file; comments stay; the file of the new key comes first', () => {
    const files = [
      file('/one', '# by hand', line(1), line(2, 'restrict', 'rekey-v2'), '', 'ssh-new@x AAAA', line(9, 'cert-authority')),
      file('/two', line(3), line(2)),
      file('/three'),
    ];
    const edits = onlyThis(files, key(2), 'unused');
    expect(edits).toMatchObject({
      kind: 'done',
      value: [
        { file: { path: '/one' }, text: `# by hand\n${line(2, 'restrict', 'rekey-v2')}\n\n` },
        { file: { path: '/two' }, text: '' },
      ],
    });
  });

  test('a key that was not there takes the place and the options of the one before', () => {
    expect(onlyThis([file('/one', line(1, 'from="10.*"'))], key(2), 'rekey-v3')).toMatchObject({
      value: [{ text: `${line(2, 'from="10.*"', 'rekey-v3')}\n` }],
    });
    expect(onlyThis([file('/one')], key(2), 'first')).toMatchObject({ value: [{ text: `${line(2, '', 'first')}\n` }] });
  });

  test('what is right already is not written again, and a key twice is one too many', () => {
    expect(onlyThis([file('/one', line(2)), file('/two')], key(2), 'x')).toEqual({ kind: 'done', value: [] });
    expect(onlyThis([file('/one', line(2), line(2))], key(2), 'x')).toMatchObject({ value: [{ text: `${line(2)}\n` }] });
  });
});

test('a marker is the same in any order, and moves with a key, an option and an unreadable line', () => {
  const marker = (...lines: readonly string[]): string => markerOf(parseLines(lines.join('\n')));
  expect(marker(line(1), line(2))).toBe(marker('# note', line(2), '', line(1, '', 'other comment')));
  expect(new Set([marker(line(1)), marker(line(1), line(2)), marker(line(1, 'restrict')), marker(line(1), 'odd'), marker()]).size).toBe(5);
});

test('places come from sshd with its tokens filled in, and from the estate file where sshd does not answer', () => {
  const account = { name: 'alice', uid: 1000, gid: 1000, note: '', home: '/home/alice', shell: '/bin/sh' };
  const answer =
    'port 22\nauthorizedkeysfile .ssh/authorized_keys /etc/ssh/keys/%u-%U %h/100%%\nauthorizedkeyscommand /usr/bin/sss_ssh\ntrustedusercakeys none\n';
  expect(placesOf(answer, account, ['x'])).toEqual({
    told: true,
    shared: [],
    paths: ['/home/alice/.ssh/authorized_keys', '/etc/ssh/keys/alice-1000', '/home/alice/100%'],
    command: '/usr/bin/sss_ssh',
  });
  expect(placesOf('', account, ['.ssh/k'])).toEqual({ told: false, shared: [], paths: ['/home/alice/.ssh/k'] });
  expect(placesOf('authorizedkeysfile /etc/ssh/all .ssh/own /keys/%u\n', account, []).shared).toEqual(['/etc/ssh/all']);
  expect(placesOf('authorizedkeysfile none\n', account, ['x']).paths).toEqual([]);
});
