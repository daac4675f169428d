// Where a provider's endpoints are (OpenID Connect Discovery 1.0, RFC 8414). A document that names another issuer, or leads from TLS to
// plain text, is not believed.
import { done, type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { call, outcomeOf, type Target, textAt } from '../http/call.ts';

export type Endpoints = {
  readonly issuer: string;
  readonly token: Target | undefined;
  readonly revocation: Target | undefined;
  readonly introspection: Target | undefined;
  readonly date: Date | undefined;
};

export async function discover(issuer: Target, io: Io): Promise<Outcome<Endpoints>> {
  const reply = await call(issuer, { method: 'GET', path: ['.well-known', 'openid-configuration'] }, io);
  if (reply.kind !== 'answered' || reply.status !== 200) return outcomeOf(reply);
  const named = textAt(reply.body, 'issuer');
  if (named === undefined) return refused('protocol', 'the server has no OpenID configuration at this address');
  const same = (text: string): string => text.replace(/\/+$/, '');
  if (same(named) !== same(issuer.base.href))
    return refused('protocol', 'the OpenID configuration names another issuer: config.issuer must be the issuer exactly');
  const endpoint = (name: string): Target | undefined => endpointOf(issuer, textAt(reply.body, name));
  const endpoints = {
    issuer: named,
    token: endpoint('token_endpoint'),
    revocation: endpoint('revocation_endpoint'),
    introspection: endpoint('introspection_endpoint'),
    date: reply.date,
  };
  if (endpoints.token === undefined) return indeterminate('protocol', 'the OpenID configuration names no usable token endpoint');
  return done(endpoints);
}

/** Credentials that were to travel under TLS never leave it because a document says so. */
function endpointOf(issuer: Target, url: string | undefined): Target | undefined {
  if (url === undefined || !URL.canParse(url)) return undefined;
  const base = new URL(url);
  const allowed =
    base.protocol === 'https:' || (base.protocol === 'http:' && issuer.base.protocol === 'http:' && base.host === issuer.base.host);
  return allowed ? { base, route: issuer.route } : undefined;
}
