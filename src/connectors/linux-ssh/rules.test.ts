// The host's files: what they demand of a password and when they lock, includes followed.
import { expect, test } from 'vitest';
import { config } from './config.ts';
import { localMeanings, localVerdict } from './local-paths.ts';
import { stackOf } from './pam.ts';
import { failuresIn, filesIn, rulesOf } from './rules.ts';

const files = (entries: Readonly<Record<string, string>>): ReadonlyMap<string, string> => new Map(Object.entries(entries));

test('a stack follows @include, include and substack, and an endless one ends', () => {
  const pam = files({
    sshd: '@include common-auth\naccount include system\n# auth required pam_no.so',
    'common-auth': 'auth [success=1 default=ignore] pam_unix.so nullok \\\n  nodelay\nauth substack more',
    more: 'auth required /lib/security/pam_faillock.so deny=5',
    system: 'account required pam_unix.so\naccount include system',
  });
  expect(stackOf(pam, 'sshd', 'auth').map(({ module, args }) => [module, ...args])).toEqual([
    ['pam_unix.so', 'nullok', 'nodelay'],
    ['pam_faillock.so', 'deny=5'],
  ]);
  expect(stackOf(pam, 'sshd', 'account').length).toBeGreaterThan(0);
});

test('the length is that of pam_pwquality where it stands, else of pam_unix, else nobody asks', () => {
  const rules = (passwd: string, conf = '') =>
    rulesOf(files({ '/etc/pam.d/passwd': passwd, '/etc/security/pwquality.conf': conf }), 'sshd');
  expect(rules('password requisite pam_pwquality.so retry=3', 'minlen = 14\nminclass = 3').minLength).toBe(14);
  expect(rules('password requisite pam_pwquality.so minlen=20', 'minlen = 14')).toMatchObject({ minLength: 20 });
  expect(rules('password requisite pam_pwquality.so', '# minlen = 14\ndcredit = -1\nucredit = -1')).toMatchObject({
    minLength: 8,
    classes: 2,
  });
  expect(rules('password [success=1] pam_unix.so obscure yescrypt')).toMatchObject({ minLength: 6, classes: undefined });
  expect(rules('password requisite pam_ldap.so').minLength).toBe(0);
  expect(rules('password required pam_pwhistory.so remember=7').history).toBe(7);
});

test('pam_faillock is read from the stack of sshd and its file; pam_tally2 is known and cannot be read', () => {
  const rules = (sshd: string, conf = '') => rulesOf(files({ '/etc/pam.d/sshd': sshd, '/etc/security/faillock.conf': conf }), 'sshd');
  const stack = 'auth required pam_faillock.so preauth\nauth sufficient pam_unix.so\nauth [default=die] pam_faillock.so authfail\n';
  expect(rules(stack).faillock).toEqual({ deny: 3, windowSeconds: 900, resetsOnSuccess: false });
  expect(rules(`${stack}account required pam_faillock.so`, 'deny = 5\nfail_interval = 60').faillock).toEqual({
    deny: 5,
    windowSeconds: 60,
    resetsOnSuccess: true,
  });
  expect(rules('auth required pam_unix.so').faillock).toBeUndefined();
  expect(rules('auth required pam_tally2.so deny=4')).toMatchObject({ faillock: undefined, counted: true });
});

test('failures that are still valid are counted, older ones are not', () => {
  const out =
    'alice:\nWhen                Type  Source   Valid\n2026-01-01 10:00:00 RHOST 127.0.0.1  V\n2026-01-01 09:00:00 RHOST 127.0.0.1  I\n';
  expect(failuresIn(out)).toBe(1);
});

test('the answer of the host is cut into files again', () => {
  expect([...filesIn('\u0001/etc/a\nx = 1\n\n\u0001/etc/b\ny\n')]).toEqual([
    ['/etc/a', 'x = 1\n\n'],
    ['/etc/b', 'y\n'],
  ]);
});

test('a wrong password is the only thing sudo and su say that counts as rejected; unknown words count as nothing', () => {
  for (const [path, status, err, verdict] of [
    ['sudo', 0, '', 'accepted'],
    ['sudo', 1, 'Sorry, try again.\nsudo: no password was provided\nsudo: 1 incorrect password attempt\n', 'rejected'],
    ['sudo', 1, 'Sorry, user alice may not run sudo on h.\n', 'indeterminate'],
    ['sudo', 1, "Sorry, user rekey is not allowed to execute '/usr/bin/sudo -k -S -p  -v' as alice on h.\n", 'indeterminate'],
    ['sudo', 1, 'sudo: a password is required\n', 'indeterminate'],
    [
      'sudo',
      1,
      'sudo: Account expired or PAM config lacks an "account" section for sudo, contact your system administrator\nsudo: a password is required\n',
      'blocked',
    ],
    ['sudo', 1, 'sudo: something new\n', 'indeterminate'],
    ['su', 0, '', 'accepted'],
    ['su', 1, 'Password: su: Authentication failure\n', 'rejected'],
    ['su', 1, 'Password: This account is currently not available.\n', 'blocked'],
    ['su', 1, 'su: user alice does not exist\n', 'indeterminate'],
  ] as const)
    expect(localVerdict(path, status, err).verdict, err).toBe(verdict);
  expect(
    Object.values(localMeanings)
      .flat()
      .filter(({ verdict }) => verdict === 'rejected'),
  ).toHaveLength(2);
});

test('a host without a pinned key, two secrets of our own, and paths from root are errors at their place', () => {
  const block = { host: 'h.example.test', hostKey: `SHA256:${'A'.repeat(43)}`, user: 'rekey', password: { env: 'PW' } };
  expect(config.safeParse(block).success).toBe(true);
  const places = (more: object) => config.safeParse({ ...block, ...more }).error?.issues.map(({ path }) => path.join('.'));
  expect(places({ hostKey: undefined })).toEqual(['hostKey']);
  expect(places({ hostKey: 'SHA256:short' })).toEqual(['hostKey']);
  expect(places({ privateKey: { file: 'k' } })).toEqual(['privateKey']);
  expect(places({ password: undefined })).toEqual(['privateKey']);
  expect(places({ user: 'root', paths: ['su'] })).toEqual(['paths']);
  expect(places({ password: 'in the clear' })).toEqual(['password']);
  expect(places({ sudoo: true })).toEqual(['']);
});
