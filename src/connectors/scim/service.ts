// Calls to one SCIM service with the token of the estate file, and what it says it can do.
import { done, type Io, indeterminate, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { type Answered, type Call, call, type Meaning, member, outcomeOf, quoted, type Target, textAt } from '../../protocols/http/call.ts';
import { hostOf, targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';

/** RFC 7644 section 3.12. A PATCH that fails has changed nothing (section 3.5.2). */
export const scimMeanings: Readonly<Record<number, Meaning>> = {
  400: { fault: 'protocol', certain: true, say: 'the service does not take this request' },
  401: { fault: 'auth', certain: true, say: 'the service does not take the token of Rekey' },
  403: { fault: 'permission', certain: true, say: 'the token of Rekey may not do this' },
};

export type Features = { readonly password: boolean; readonly patch: boolean; readonly sort: boolean; readonly now: Date | undefined };

export class Service {
  readonly target: Target;
  readonly replica: string;
  readonly #io: Io;
  readonly #token: () => Promise<Secret>;
  #features: Features | undefined;

  constructor(settings: Config, io: Io) {
    this.target = targetOf(settings, io);
    this.replica = hostOf(this.target.base);
    this.#io = io;
    this.#token = () => io.resolve(settings.token);
  }

  async ask(
    asked: Call,
    expected: readonly number[],
    sent: readonly Secret[] = [],
    own: Readonly<Record<number, Meaning>> = {},
  ): Promise<Outcome<Answered>> {
    const token = await this.#token().catch(() => undefined);
    if (token === undefined) return refused('auth', 'the token of Rekey cannot be read: see where config.token points');
    const headers = {
      accept: 'application/scim+json, application/json',
      ...(asked.json === undefined ? {} : { 'content-type': 'application/scim+json' }),
      authorization: token.text((text) => `Bearer ${text}`),
    };
    const reply = await call(this.target, { ...asked, headers }, this.#io);
    if (reply.kind === 'answered' && expected.includes(reply.status)) return done(reply);
    const detail = reply.kind === 'answered' ? quoted(textAt(reply.body, 'detail'), [...sent, token]) : '';
    const type = reply.kind === 'answered' ? textAt(reply.body, 'scimType') : undefined;
    const meanings = { ...scimMeanings, ...own };
    // The one refusal that names the value: RFC 7644 table 9.
    if (sent.length > 0 && type === 'invalidValue')
      meanings[400] = { fault: 'policy', certain: true, say: 'the service does not take this value' };
    return outcomeOf(reply, meanings, detail);
  }

  /** Read once it is known; an answer that did not come is asked for again. */
  async features(): Promise<Outcome<Features>> {
    if (this.#features !== undefined) return done(this.#features);
    const read = await this.ask({ method: 'GET', path: ['ServiceProviderConfig'] }, [200]);
    if (read.kind !== 'done') return read;
    const { body, date } = read.value;
    if (member(body, 'patch') === undefined) return indeterminate('protocol', 'the answer is no ServiceProviderConfig');
    const supported = (name: string): boolean => member(body, name, 'supported') === true;
    this.#features = { password: supported('changePassword'), patch: supported('patch'), sort: supported('sort'), now: date };
    return done(this.#features);
  }
}

export const patchOf = (path: string, value: unknown) => ({
  schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
  Operations: [{ op: 'replace', path, value }],
});
