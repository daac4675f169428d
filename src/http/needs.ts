// What a route needs of its caller. A route that says nothing is refused when it is added, so that none is open by oversight.
import type { Permission } from '../access/rights.ts';

/** `signed-in`: anybody who is signed in, about themselves. `public`: nobody needs to be signed in; the route itself gives nothing away. */
export type Needs = Permission | 'signed-in' | 'public';

declare module 'fastify' {
  interface FastifyContextConfig {
    readonly needs?: Needs;
  }
}
