// One IMAP login with one secret on one server: greeting, STARTTLS where asked for, capabilities, then AUTHENTICATE PLAIN or LOGIN, and goodbye.
import type { Probed, Secret } from '../../kit/kit.ts';
import type { Limits } from '../tcp/dial.ts';
import { type Status, statusOf, verdictOf } from './answer.ts';
import { Link } from './link.ts';
import type { ImapServer, ImapSettings } from './settings.ts';

export type Manner = Pick<ImapSettings, 'mechanism' | 'wrongPassword'>;
/** Why nothing could be said; the code stands for it in the record. */
type Stop = { readonly stop: string };
type Ready = { readonly capabilities: ReadonlySet<string> };

export async function login(server: ImapServer, user: string, secret: Secret, manner: Manner, limits: Limits): Promise<Probed> {
  const silent = (code: string): Probed => ({ verdict: 'indeterminate', code });
  if (secret.use((bytes) => bytes.length === 0)) return silent('empty-secret');
  // A line break would end the command, NUL a field of PLAIN: another password would be proved than this one.
  if (user === '' || /\p{Cc}/u.test(user) || secret.text((text) => /\p{Cc}/u.test(text))) return silent('not-typeable');
  const link = await Link.open(server, limits);
  if ('failed' in link) return silent(link.failed);
  try {
    const ready = await greeted(link, server);
    if ('stop' in ready) return silent(ready.stop);
    const answer = await authenticated(link, ready, user, secret, manner.mechanism);
    return 'stop' in answer ? silent(answer.stop) : verdictOf(answer, manner.wrongPassword);
  } finally {
    link.end();
  }
}

/** As far as a login may be tried. Doctor asks the same, without a login. */
export async function greeted(link: Link, server: ImapServer): Promise<Ready | Stop> {
  const first = await link.line();
  if (typeof first !== 'string') return { stop: first.failed };
  const greeting = first.startsWith('* ') ? statusOf(first.slice(2)) : undefined;
  // PREAUTH: whoever connects is somebody already. A login after it would prove nothing.
  if (greeting?.status !== 'OK') return { stop: greeting === undefined ? 'EPROTO' : (greeting.code ?? greeting.status) };
  if (server.upgrade) {
    const before = await capabilitiesOf(link);
    if ('stop' in before) return before;
    if (!before.capabilities.has('STARTTLS')) return { stop: 'NO-STARTTLS' };
    const answer = await command(link, 's', 'STARTTLS');
    if ('stop' in answer) return answer;
    if (answer.status !== 'OK') return { stop: answer.code ?? answer.status };
    const failed = await link.protect(server);
    if (failed !== undefined) return { stop: failed.failed };
  }
  // Those of the greeting are not asked: they may be those of another user's connection, and are void after STARTTLS.
  return capabilitiesOf(link);
}

async function capabilitiesOf(link: Link): Promise<Ready | Stop> {
  const words = new Set<string>();
  const answer = await command(link, 'c', 'CAPABILITY', (line) => {
    if (/^\* CAPABILITY /i.test(line)) for (const word of line.split(' ').slice(2)) words.add(word.toUpperCase());
  });
  if ('stop' in answer) return answer;
  return answer.status === 'OK' ? { capabilities: words } : { stop: answer.code ?? answer.status };
}

async function authenticated(
  link: Link,
  { capabilities }: Ready,
  user: string,
  secret: Secret,
  mechanism: Manner['mechanism'],
): Promise<Status | Stop> {
  const plain = capabilities.has('AUTH=PLAIN');
  if (mechanism === 'plain' && !plain) return { stop: 'NO-AUTH-PLAIN' };
  if (mechanism !== 'login' && plain) return authenticatePlain(link, user, secret, capabilities.has('SASL-IR'));
  if (capabilities.has('LOGINDISABLED')) return { stop: 'LOGINDISABLED' };
  return loginCommand(link, user, secret);
}

async function authenticatePlain(link: Link, user: string, secret: Secret, initial: boolean): Promise<Status | Stop> {
  const response = (): string => secret.use((bytes) => Buffer.concat([Buffer.from(`\0${user}\0`), Buffer.from(bytes)]).toString('base64'));
  if (initial) return command(link, 'a', `AUTHENTICATE PLAIN ${response()}`);
  link.write('a AUTHENTICATE PLAIN\r\n');
  const answer = await prompted(link, 'a');
  if (answer !== 'go on') return answer;
  link.write(`${response()}\r\n`);
  return tagged(link, 'a');
}

/** Quoted where ASCII, else a literal: a quoted string may hold nothing else. */
async function loginCommand(link: Link, user: string, secret: Secret): Promise<Status | Stop> {
  const name = Buffer.from(user);
  const value = (): Buffer => secret.use((bytes) => Buffer.from(bytes));
  const ascii = (bytes: Uint8Array): boolean => bytes.every((byte) => byte < 0x80);
  const quoted = (bytes: Buffer): string => `"${bytes.toString('latin1').replace(/[\\"]/g, '\\$&')}"`;
  if (ascii(name) && secret.use(ascii)) return command(link, 'a', `LOGIN ${quoted(name)} ${quoted(value())}`);
  for (const [before, next] of [
    [`a LOGIN {${name.length}}\r\n`, () => name],
    [` {${secret.use((bytes) => bytes.length)}}\r\n`, value],
  ] as const) {
    link.write(before);
    const answer = await prompted(link, 'a');
    if (answer !== 'go on') return answer;
    link.write(next());
  }
  link.write('\r\n');
  return tagged(link, 'a');
}

async function command(link: Link, tag: string, text: string, untagged?: (line: string) => void): Promise<Status | Stop> {
  link.write(`${tag} ${text}\r\n`);
  return tagged(link, tag, untagged);
}

async function prompted(link: Link, tag: string): Promise<Status | Stop | 'go on'> {
  const answer = await next(link, tag);
  return answer === '+' ? 'go on' : answer;
}

async function tagged(link: Link, tag: string, untagged?: (line: string) => void): Promise<Status | Stop> {
  const answer = await next(link, tag, untagged);
  return answer === '+' ? { stop: 'EPROTO' } : answer;
}

/** The answer with our tag, or a BYE in its place. */
async function next(link: Link, tag: string, untagged: (line: string) => void = () => {}): Promise<Status | Stop | '+'> {
  for (;;) {
    const line = await link.line();
    if (typeof line !== 'string') return { stop: line.failed };
    if (line === '+' || line.startsWith('+ ')) return '+';
    if (line.startsWith(`${tag} `)) return statusOf(line.slice(tag.length + 1)) ?? { stop: 'EPROTO' };
    const said = line.startsWith('* ') ? statusOf(line.slice(2)) : undefined;
    if (said?.status === 'BYE') return { stop: said.code ?? 'BYE' };
    untagged(line);
  }
}
