// Calls the API as Rekey: with its own credentials, below config.url, and never twice unless nothing was done.
import { type Fault, type Io, type Outcome, refused, type Secret, type SecretRef } from '../../kit/kit.ts';
import { readCa } from '../../kit/settings.ts';
import { type Answer, exchange, type Request, type Route } from '../../protocols/http/exchange.ts';
import { readAnswer, seenOf, written } from './answer.ts';
import type { Answers, Call } from './call.ts';
import type { Config } from './config.ts';
import { textAt } from './pointer.ts';
import { requestOf } from './request.ts';
import type { Seen } from './rules.ts';
import { TemplateError, type Values } from './template.ts';

export type With = { readonly values?: Values; readonly secret?: Secret; readonly query?: Readonly<Record<string, string>> };
/** The call was not made: nothing was sent. */
export type NotMade = { readonly kind: 'not-made'; readonly fault: Fault };
type Headers = Readonly<Record<string, string>>;

export class Api {
  readonly settings: Config;
  readonly io: Io;
  readonly base: URL;
  /** Host and port, as cells name a replica. */
  readonly replica: string;
  readonly #route: Route;
  readonly #fixed: Headers;
  #token: Promise<string | NotMade> | undefined;

  constructor(settings: Config, io: Io) {
    this.settings = settings;
    this.io = io;
    this.base = new URL(settings.url);
    this.replica = this.base.host;
    this.#fixed = Object.fromEntries(Object.entries(settings.headers ?? {}).map(([name, value]) => [name.toLowerCase(), value]));
    this.#route = {
      reach: settings.allowPrivate ? 'private' : 'public',
      ...(settings.ca === undefined ? {} : { ca: readCa(settings.ca, io, 'config.ca') }),
      ...(settings.servername === undefined ? {} : { servername: settings.servername }),
    };
  }

  async read(call: Call, input: With = {}): Promise<Outcome<Seen>> {
    return this.reading(await this.answer(call, input));
  }

  reading(answer: Answer | NotMade): Outcome<Seen> {
    return answer.kind === 'not-made' ? notMade(answer) : readAnswer(answer, this.io.now());
  }

  /** Reads an address that the answer to `call` named: only below config.url, so that our credentials go nowhere else. */
  async readAt(address: string, call: Call): Promise<Outcome<Seen>> {
    const url = this.#below(address, call);
    if (url === undefined) return refused('protocol', 'the API named an address outside config.url');
    return this.reading(
      await this.#asOurselves((headers) => ({ method: 'GET', url, headers: { accept: 'application/json', ...headers } })),
    );
  }

  async write(call: Call & Answers, input: With = {}): Promise<Outcome<Seen>> {
    return this.writing(await this.answer(call, input), call);
  }

  writing(answer: Answer | NotMade, rules: Answers): Outcome<Seen> {
    return answer.kind === 'not-made' ? notMade(answer) : written(answer, rules, this.io.now());
  }

  answer(call: Call, { values = {}, secret, query = {} }: With = {}): Promise<Answer | NotMade> {
    return this.#asOurselves((headers) => requestOf(this.base, call, values, secret, { headers, query }));
  }

  /** Without our credentials: what is proved is the secret alone. */
  asNobody(make: (fixed: Headers) => Request): Promise<Answer | NotMade> {
    return this.#made(() => make(this.#fixed));
  }

  async #asOurselves(make: (headers: Headers) => Request): Promise<Answer | NotMade> {
    const kept = this.#token;
    const own = await this.#ownHeaders();
    if ('kind' in own) return own;
    const answer = await this.#made(() => make({ ...this.#fixed, ...own.headers }));
    if (answer.kind !== 'answered' || answer.status !== 401 || kept === undefined) return answer;
    // A token dies by itself: a 401 with a kept one has changed nothing and is answered by one new login.
    if (this.#token === kept) this.#token = undefined;
    const renewed = await this.#ownHeaders();
    return 'kind' in renewed ? renewed : this.#made(() => make({ ...this.#fixed, ...renewed.headers }));
  }

  async #made(make: () => Request): Promise<Answer | NotMade> {
    let request: Request;
    try {
      request = make();
    } catch (error) {
      if (error instanceof TemplateError)
        return { kind: 'not-made', fault: { code: 'unsupported', message: `nothing was sent: ${error.message}` } };
      throw error;
    }
    const answer = await exchange(request, this.#route, this.io);
    request.body?.fill(0);
    return answer;
  }

  async #ownHeaders(): Promise<{ readonly headers: Headers } | NotMade> {
    const { bearer, basic, header, login } = this.settings.auth;
    const value = await (login === undefined ? this.#resolved(bearer ?? basic?.password ?? header?.value) : this.#loggedIn(login));
    if (typeof value !== 'string') return value;
    if (basic !== undefined) return { headers: { authorization: basicValue(basic.user, value) } };
    const name = header?.name ?? login?.header;
    return { headers: name === undefined ? { authorization: `Bearer ${value}` } : { [name.toLowerCase()]: value } };
  }

  async #resolved(ref: SecretRef | undefined): Promise<string | NotMade> {
    if (ref === undefined) return ownFault('config.auth names no credential');
    try {
      return (await this.io.resolve(ref)).text((text) => text);
    } catch (error) {
      return ownFault(error instanceof Error ? error.message : 'the reference to it cannot be read');
    }
  }

  /** One login for all calls, also for those that begin while it is under way. */
  #loggedIn(login: NonNullable<Config['auth']['login']>): Promise<string | NotMade> {
    this.#token ??= this.#logIn(login).then((token) => {
      if (typeof token !== 'string') this.#token = undefined;
      return token;
    });
    return this.#token;
  }

  async #logIn(login: NonNullable<Config['auth']['login']>): Promise<string | NotMade> {
    const own = await this.#resolved(login.secret);
    if (typeof own !== 'string') return own;
    const secret: Secret = { label: 'own', use: (f) => f(Buffer.from(own)), text: (f) => f(own) };
    const answer = await this.#made(() => requestOf(this.base, login, {}, secret, { headers: this.#fixed }));
    if (answer.kind === 'not-made') return answer;
    // Whatever became of our own login, the account has not been touched: nothing of the call itself was sent.
    if (answer.kind !== 'answered')
      return { kind: 'not-made', fault: { code: 'unreachable', message: `our own login: ${answer.code}`, target: answer.code } };
    const token = answer.status < 300 ? textAt(seenOf(answer).json, login.token) : undefined;
    return token ?? ownFault(`our own login gave no token (status ${answer.status})`, String(answer.status));
  }

  #below(address: string, call: Call): URL | undefined {
    const root = this.base.pathname.replace(/\/$/, '');
    const from = `${this.base.origin}${root}${call.path.split('?')[0]}`;
    if (!URL.canParse(address, from)) return undefined;
    const url = new URL(address, from);
    return url.origin === this.base.origin && url.pathname.startsWith(`${root}/`) ? url : undefined;
  }
}

const notMade = ({ fault }: NotMade): Outcome<never> => ({ kind: 'refused', fault });
const ownFault = (message: string, target?: string): NotMade => ({
  kind: 'not-made',
  fault: { code: 'auth', message, ...(target === undefined ? {} : { target }) },
});

export const basicValue = (user: string, password: string): string =>
  `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
