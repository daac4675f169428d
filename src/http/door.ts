// What every route file receives: the house's services and who asks. Routes hold no other state.
import type {
  FastifyBaseLogger,
  FastifyInstance,
  FastifyReply,
  FastifyRequest,
  RawReplyDefaultExpression,
  RawRequestDefaultExpression,
  RawServerDefault,
} from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { AccessServices } from './access-services.ts';
import type { Caller, Services } from './services.ts';

export type Api = FastifyInstance<
  RawServerDefault,
  RawRequestDefaultExpression<RawServerDefault>,
  RawReplyDefaultExpression<RawServerDefault>,
  FastifyBaseLogger,
  ZodTypeProvider
>;

export type Door = {
  readonly services: Services;
  readonly caller: (request: FastifyRequest) => Caller;
  readonly version: string;
  /** Aborts when the caller may no longer read what a stream of this route tells, or the API closes. */
  readonly lasting: (request: FastifyRequest, reply: FastifyReply) => AbortSignal;
  /** Unexpected errors of what goes on after the reply has begun. */
  readonly report: (error: unknown) => void;
  readonly ready: () => Promise<void>;
  /** Left out in process, where nobody signs in. */
  readonly access?: Pick<AccessServices, 'session'>;
};

export type AccessDoor = Pick<Door, 'caller' | 'version'> & {
  readonly access: AccessServices;
  /** On public routes: whoever is signed in, or null. */
  readonly asker: (request: FastifyRequest) => Caller | null;
};
