// Who a request of the served API comes from: a token, or the session of a browser whose own page sent it. What another site sends is refused.
import type { FastifyRequest } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';
import type { AccessServices } from './access-services.ts';
import type { Authenticate } from './authorise.ts';
import { readCookie } from './session-cookie.ts';

export const csrfHeader = 'x-rekey-csrf';
const reading = ['GET', 'HEAD', 'OPTIONS'];

export function authenticator(access: Pick<AccessServices, 'origin' | 'sessionOf' | 'tokenOf'>): Authenticate {
  return async (request, how) => {
    const token = tokenIn(request);
    if (token !== undefined) {
      const caller = await access.tokenOf(token, how);
      if (caller === null)
        throw new Problem('not-signed-in', {
          message: 'this token opens nothing (any more)',
          hint: 'make a new one in the console, then: rekey login',
        });
      return caller;
    }
    const origin = access.origin();
    const changing = !reading.includes(request.method);
    if (changing) refuseOtherSites(request, origin);
    const secret = readCookie(request, origin);
    const caller = secret === undefined ? null : await access.sessionOf(secret, how);
    if (caller !== null && changing && request.routeOptions.config.needs !== 'public') assertOwnPage(request, caller);
    return caller;
  };
}

/** Other bearers (a workload's JWT, say) are for the route that takes them. */
function tokenIn({ headers }: FastifyRequest): string | undefined {
  return /^bearer +(rekey_\S*)$/i.exec(headers.authorization ?? '')?.[1];
}

/** Browsers say where a request was made, and no page can forge it; programs that are none say nothing, and hold no cookie. */
function refuseOtherSites({ headers }: FastifyRequest, own: string): void {
  const site = headers['sec-fetch-site'];
  const foreign = site === undefined ? headers.origin !== undefined && headers.origin !== own : site !== 'same-origin' && site !== 'none';
  if (foreign)
    throw new Problem('not-permitted', { message: 'this request was made by another site', hint: `open ${own} and repeat it there` });
}

function assertOwnPage({ headers }: FastifyRequest, caller: Caller): void {
  const said = headers['sec-fetch-site'] === 'same-origin' || headers.origin !== undefined;
  if (said && headers[csrfHeader] === caller.session?.csrf) return;
  throw new Problem('not-permitted', {
    message: `this request does not show that it was made by the session's own page: ${csrfHeader} is missing or another's`,
    hint: 'reload the page; programs use a token instead of a cookie',
  });
}
