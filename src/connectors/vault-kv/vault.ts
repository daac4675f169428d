// How Vault and OpenBao answer, and what each refusal means.
import type { Io } from '../../kit/kit.ts';
import { asks, type Begin } from '../../protocols/http/ask.ts';
import { type Answered, listAt, type Meaning, member } from '../../protocols/http/call.ts';
import { targetOf } from '../../protocols/http/settings.ts';
import type { Config } from './config.ts';

export function vault(config: Config, io: Io): Begin {
  const namespace = config.namespace === undefined ? {} : { 'x-vault-namespace': config.namespace };
  return asks({
    target: targetOf(config, io),
    io,
    token: config.token,
    // X-Vault-Request keeps agents and proxies from answering requests that a browser was tricked into.
    header: (token) => ({ 'x-vault-token': token, 'x-vault-request': 'true', ...namespace }),
    meanings,
    said: (body) => listAt(body, 'errors').join('; '),
  });
}

/** A sealed or standby node looks at no request: these 503, 472 and 473 are certain, any other 503 is not. */
function meanings({ body }: Answered): Readonly<Record<number, Meaning>> {
  const errors = listAt(body, 'errors').join('\n');
  return {
    400: { fault: 'protocol', certain: true, say: 'Vault does not take the request' },
    403: { fault: 'permission', certain: true, say: 'the token is not valid, or its policy does not allow this' },
    404: { fault: 'not-found', certain: true, say: 'there is no secret at this path' },
    412: { fault: 'throttled', certain: true, say: 'this node is behind the active one: ask again' },
    472: { fault: 'unreachable', certain: true, say: 'this node is a disaster recovery secondary' },
    473: { fault: 'unreachable', certain: true, say: 'this node is a performance standby' },
    ...(/Vault is sealed|barrier is sealed/i.test(errors) ? { 503: { fault: 'unreachable', certain: true, say: 'Vault is sealed' } } : {}),
  };
}

export const casFailed = ({ status, body }: Answered): boolean =>
  status === 400 && listAt(body, 'errors').some((error) => String(error).includes('check-and-set parameter did not match'));

/** One version of a secret. `data` is undefined when it was deleted or destroyed. */
export type Version = {
  readonly version: number;
  readonly data: Readonly<Record<string, unknown>> | undefined;
  readonly destroyed: boolean;
};

/** A deleted version answers 404 with its metadata, a path that never was 404 without. */
export function versionIn(body: unknown): Version | undefined {
  const version = member(body, 'data', 'metadata', 'version');
  const data = member(body, 'data', 'data');
  if (typeof version !== 'number') return undefined;
  const map = typeof data === 'object' && data !== null && !Array.isArray(data) ? (data as Record<string, unknown>) : undefined; // just seen to be one
  return { version, data: map, destroyed: member(body, 'data', 'metadata', 'destroyed') === true };
}
