// Which workloads a signed token speaks for. Nothing of the token is believed before its signature, issuer, audience and times hold.
import { createRemoteJWKSet, decodeJwt, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { Problem } from '../domain/problem.ts';
import type { TokenProof, WorkloadSpec } from '../estate/delivery.ts';
import { claimMatches } from './claim-pattern.ts';

/** `subject`: whom the proof names, for the audit. */
export type Proved = { readonly workloads: readonly WorkloadSpec[]; readonly subject: string };
export type VerifyToken = (token: string) => Promise<Proved>;

/** Clocks of cloud issuers are within seconds of ours; half a minute spares the rest. */
const clockTolerance = 30;
/** An issuer answers in milliseconds; a workload that starts waits this long at most. */
const issuerTimeout = 5000;
/** Tokens of the known issuers are under 4 KiB. */
const longestToken = 16_384;
/** After it the discovery document is read again: issuers move their keys rarely. */
const discoveryAge = 10 * 60_000;

type Spec = WorkloadSpec & { readonly token: TokenProof };

export function tokenVerifier(workloads: readonly WorkloadSpec[], now: () => Date): VerifyToken {
  const specs = workloads.filter((each): each is Spec => each.token !== undefined);
  const keys = new Map<string, { readonly at: number; readonly keys: Promise<JWTVerifyGetKey> }>();
  const keysOf = ({ issuer, jwks }: TokenProof): Promise<JWTVerifyGetKey> => {
    const place = `${issuer} ${jwks ?? ''}`;
    const known = keys.get(place);
    if (known !== undefined && now().getTime() - known.at < discoveryAge) return known.keys;
    const reading = keysAt(issuer, jwks);
    keys.set(place, { at: now().getTime(), keys: reading });
    reading.catch(() => keys.delete(place));
    return reading;
  };
  return async (token) => {
    const issuer = issuerIn(token);
    const candidates = specs.filter((each) => each.token.issuer === issuer);
    if (candidates.length === 0) throw notProved('its issuer is not in rekey.yaml');
    const proved: WorkloadSpec[] = [];
    let subject = '';
    let why = 'its claims are those of no workload in rekey.yaml';
    for (const spec of candidates) {
      const payload = await verified(token, spec.token, await keysOf(spec.token), now()).catch((error: unknown) => {
        why = reasonOf(error);
        return undefined;
      });
      if (payload === undefined || !hasClaims(payload, spec.token)) continue;
      proved.push(spec);
      subject = String(payload.sub ?? '').slice(0, 300);
    }
    if (proved.length === 0) throw notProved(why);
    return { workloads: proved, subject };
  };
}

async function verified(
  token: string,
  { issuer, audience, algorithms }: TokenProof,
  keys: JWTVerifyGetKey,
  currentDate: Date,
): Promise<JWTPayload> {
  const { payload } = await jwtVerify(token, keys, {
    issuer,
    audience,
    algorithms: [...algorithms],
    clockTolerance,
    currentDate,
    requiredClaims: ['exp', 'iat'],
  });
  return payload;
}

function hasClaims(payload: JWTPayload, { claims }: TokenProof): boolean {
  // A subject is one text (RFC 7519): a list of them would be met by any of its members.
  if (payload.sub !== undefined && typeof payload.sub !== 'string') return false;
  return Object.entries(claims).every(([name, pattern]) => Object.hasOwn(payload, name) && claimMatches(pattern, payload[name]));
}

function issuerIn(token: string): string | undefined {
  try {
    return token.length > longestToken ? undefined : decodeJwt(token).iss;
  } catch {
    throw notProved('it is not a signed token');
  }
}

async function keysAt(issuer: string, jwks: string | undefined): Promise<JWTVerifyGetKey> {
  const url = jwks ?? (await discovered(issuer));
  return createRemoteJWKSet(new URL(url), { timeoutDuration: issuerTimeout });
}

async function discovered(issuer: string): Promise<string> {
  const place = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let found: { issuer?: unknown; jwks_uri?: unknown };
  try {
    const answer = await fetch(place, {
      redirect: 'error',
      signal: AbortSignal.timeout(issuerTimeout),
      headers: { accept: 'application/json' },
    });
    if (!answer.ok) throw new Error(`status ${answer.status}`);
    found = (await answer.json()) as typeof found; // each member is checked below
  } catch (error) {
    throw unreadable(issuer, error instanceof Error ? error.message : 'no answer');
  }
  const { issuer: named, jwks_uri: uri } = found;
  if (named !== issuer) throw unreadable(issuer, 'its discovery document names another issuer');
  const url = typeof uri === 'string' && URL.canParse(uri) ? new URL(uri) : undefined;
  // Keys over plain http count only where the estate file itself named such an issuer, on this machine.
  if (url === undefined || (url.protocol !== 'https:' && url.origin !== new URL(issuer).origin))
    throw unreadable(issuer, 'its jwks_uri is not https');
  return url.href;
}

function unreadable(issuer: string, why: string): Problem {
  return new Problem('target-unreachable', {
    message: `the keys of ${issuer} cannot be read: ${why}`,
    hint: 'check that Rekey reaches the issuer; a private authority goes into NODE_EXTRA_CA_CERTS',
  });
}

/** A workload's author needs to know which check failed; none of these words helps to forge a token. */
function reasonOf(error: unknown): string {
  if (error instanceof Problem) throw error;
  if (error instanceof errors.JWTExpired) return 'it has expired';
  if (error instanceof errors.JWTClaimValidationFailed) return `its claim ${error.claim} is not as it must be`;
  if (error instanceof errors.JOSEAlgNotAllowed) return 'its signature algorithm is not allowed';
  if (error instanceof errors.JWKSNoMatchingKey) return 'the issuer has no such key';
  if (error instanceof errors.JWKSTimeout) throw unreadable('the issuer', 'no answer in time');
  if (error instanceof errors.JOSEError) return 'its signature does not hold';
  if (error instanceof TypeError) throw unreadable('the issuer', 'no connection'); // what fetch throws when nobody answers
  throw error;
}

export function notProved(why: string): Problem {
  return new Problem('not-signed-in', {
    message: `the workload did not prove who it is: ${why}`,
    hint: 'send a fresh token of a configured issuer as Authorization: Bearer, or a client certificate',
  });
}
