// A browser at the API: keeps its cookie, says where its requests come from, and sends the token of its page. No more than that.
import type { FastifyInstance, LightMyRequestResponse } from 'fastify';
import type { VirtualPasskey } from './virtual-passkey.ts';

export class Browser {
  cookie: string | undefined;
  csrf: string | undefined;
  readonly #api: FastifyInstance;
  readonly #origin: string;

  constructor(api: FastifyInstance, origin: string) {
    this.#api = api;
    this.#origin = origin;
  }

  async get(url: string): Promise<LightMyRequestResponse> {
    return this.#seen(await this.#api.inject({ url, headers: this.#cookies() }));
  }

  async post(url: string, payload: object): Promise<LightMyRequestResponse> {
    const headers = {
      ...this.#cookies(),
      origin: this.#origin,
      'sec-fetch-site': 'same-origin',
      ...(this.csrf === undefined ? {} : { 'x-rekey-csrf': this.csrf }),
    };
    return this.#seen(await this.#api.inject({ method: 'POST', url, headers, payload }));
  }

  async bootstrap(passkey: VirtualPasskey, code: string, name: string): Promise<LightMyRequestResponse> {
    const asked = await this.post('/v1/bootstrap/options', { code, name, email: 'ada@example.test' });
    return asked.statusCode === 200 ? this.post('/v1/bootstrap', passkey.register(asked.json())) : asked;
  }

  async join(passkey: VirtualPasskey, code: string): Promise<LightMyRequestResponse> {
    const asked = await this.post('/v1/join/options', { code });
    return asked.statusCode === 200 ? this.post('/v1/join', passkey.register(asked.json())) : asked;
  }

  async signIn(passkey: VirtualPasskey): Promise<LightMyRequestResponse> {
    const asked = await this.post('/v1/sign-in/passkey/options', {});
    return asked.statusCode === 200 ? this.post('/v1/sign-in/passkey', passkey.assert(asked.json())) : asked;
  }

  #cookies(): Record<string, string> {
    const name = this.#origin.startsWith('https:') ? '__Host-rekey' : 'rekey';
    return this.cookie === undefined ? {} : { cookie: `${name}=${this.cookie}` };
  }

  #seen(reply: LightMyRequestResponse): LightMyRequestResponse {
    for (const { name, value } of reply.cookies) if (name.endsWith('rekey')) this.cookie = value === '' ? undefined : value;
    if (reply.statusCode === 200 && String(reply.headers['content-type']).includes('json')) {
      const { csrf } = reply.json() as { csrf?: string | null };
      if (typeof csrf === 'string') this.csrf = csrf;
    }
    return reply;
  }
}
