// What the host demands of a password and how it punishes wrong ones, from files that every login may read.
import { type AccountRef, type Capabilities, done, type Lockout, type Outcome, type PasswordPolicy } from '../../kit/kit.ts';
import { exitOf, type Host, ran } from '../../protocols/ssh/host.ts';
import { numberArg, numberSetting, type PamFiles, type PamModule, setting, stackOf } from './pam.ts';

/** `faillock` left out: pam_faillock is not in the stack of sshd. `counted`: something else counts failures (pam_tally2). */
export type Rules = {
  readonly method: string | undefined;
  readonly minLength: number;
  readonly classes: number | undefined;
  readonly history: number | undefined;
  readonly faillock: { readonly deny: number; readonly windowSeconds: number; readonly resetsOnSuccess: boolean } | undefined;
  readonly counted: boolean;
};
export type ReadRules = () => Promise<Outcome<Rules>>;

const mark = '\u0001';
const script = `for f in /etc/login.defs /etc/security/pwquality.conf /etc/security/faillock.conf /etc/pam.d/*; do
[ -f "$f" ] && [ -r "$f" ] && { printf '\\001%s\\n' "$f"; cat "$f"; echo; }; done; exit 0`;

/** Read once; an answer that could not be read is asked for again the next time. */
export function rulesOnce(host: Host, service: string): ReadRules {
  let known: Promise<Outcome<Rules>> | undefined;
  return async () => {
    known ??= readRules(host, service);
    const read = await known;
    if (read.kind !== 'done') known = undefined;
    return read;
  };
}

async function readRules(host: Host, service: string): Promise<Outcome<Rules>> {
  const exit = exitOf(await host.ask({ argv: ['sh', '-c', script] }));
  return ran(exit) ? done(rulesOf(filesIn(exit.out), service)) : exit;
}

export function filesIn(text: string): PamFiles {
  const parts = text.split(mark).slice(1);
  return new Map(parts.map((part) => [part.slice(0, part.indexOf('\n')), part.slice(part.indexOf('\n') + 1)]));
}

export function rulesOf(files: PamFiles, service: string): Rules {
  const pam = new Map([...files].flatMap(([path, text]) => (path.startsWith('/etc/pam.d/') ? [[path.slice(11), text] as const] : [])));
  const password = stackOf(pam, 'passwd', 'password');
  const logins = [...stackOf(pam, service, 'auth'), ...stackOf(pam, service, 'account')];
  const quality = password.find(({ module }) => module === 'pam_pwquality.so' || module === 'pam_cracklib.so');
  const unix = password.find(({ module }) => module === 'pam_unix.so');
  const history = password.find(({ module }) => module === 'pam_pwhistory.so');
  return {
    method: setting(files.get('/etc/login.defs'), 'ENCRYPT_METHOD'),
    ...lengthOf(quality, unix, files.get('/etc/security/pwquality.conf')),
    history: history === undefined ? undefined : (numberArg(history, 'remember') ?? 10),
    faillock: faillockOf(logins, stackOf(pam, service, 'account'), files.get('/etc/security/faillock.conf')),
    counted: logins.some(({ module }) => /^pam_tally2?\.so$/.test(module)),
  };
}

/** pam_pwquality asks for 8 where nobody says another number, and never for less than 6; pam_unix for 6. */
function lengthOf(
  quality: PamModule | undefined,
  unix: PamModule | undefined,
  conf: string | undefined,
): Pick<Rules, 'minLength' | 'classes'> {
  if (quality === undefined) return { minLength: unix === undefined ? 0 : (numberArg(unix, 'minlen') ?? 6), classes: undefined };
  const read = (key: string): number | undefined => numberArg(quality, key) ?? numberSetting(conf, key);
  const demanded = ['dcredit', 'ucredit', 'lcredit', 'ocredit'].filter((key) => (read(key) ?? 0) < 0).length;
  return { minLength: Math.max(6, read('minlen') ?? 8), classes: Math.max(read('minclass') ?? 0, demanded) || undefined };
}

function faillockOf(logins: readonly PamModule[], account: readonly PamModule[], conf: string | undefined): Rules['faillock'] {
  const modules = logins.filter(({ module }) => module === 'pam_faillock.so');
  if (modules.length === 0) return undefined;
  const read = (key: string): number | undefined =>
    modules.map((each) => numberArg(each, key)).find((n) => n !== undefined) ?? numberSetting(conf, key);
  return {
    deny: read('deny') ?? 3,
    windowSeconds: read('fail_interval') ?? 900,
    // A good login clears the count in the account phase, or by `authsucc`.
    resetsOnSuccess: account.some(({ module }) => module === 'pam_faillock.so') || modules.some(({ args }) => args.includes('authsucc')),
  };
}

export function passwordPolicy(rules: ReadRules): Capabilities['passwordPolicy'] {
  return {
    async read() {
      const read = await rules();
      if (read.kind !== 'done') return read;
      const { minLength, classes, history } = read.value;
      const policy: PasswordPolicy = {
        ...(minLength > 0 ? { minLength } : {}),
        ...(classes === undefined ? {} : { classes }),
        ...(history === undefined ? {} : { history }),
      };
      return done(policy);
    },
  };
}

export function lockout(host: Host, rules: ReadRules): Capabilities['lockout'] {
  return { read: (account) => lockoutOf(host, rules, account) };
}

export async function lockoutOf(host: Host, rules: ReadRules, account: AccountRef): Promise<Outcome<Lockout>> {
  const read = await rules();
  if (read.kind !== 'done') return read;
  const { faillock, counted } = read.value;
  if (faillock === undefined) return done({ threshold: counted ? undefined : 0, failures: counted ? undefined : 0, resetsOnSuccess: true });
  const { deny, windowSeconds, resetsOnSuccess } = faillock;
  const exit = exitOf(await host.ask({ argv: ['faillock', '--user', account.name], as: 'root' }));
  if (!ran(exit)) return exit;
  const failures = exit.code === 0 ? failuresIn(exit.out) : undefined;
  return done({ threshold: deny, failures, resetsOnSuccess, windowSeconds });
}

/** Lines that end in V still count; I are older than the window. */
export const failuresIn = (out: string): number => out.split('\n').filter((line) => /\sV\s*$/.test(line)).length;
