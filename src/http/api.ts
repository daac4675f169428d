// The API: every door (CLI in process, socket, server) goes through these routes, so there is one validation and one stripping of fields.
import { randomUUID } from 'node:crypto';
import Fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';
import { serializerCompiler, validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod';
import { houseCaller } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';
import type { AccessServices } from './access-services.ts';
import { accountClaimRoutes } from './account-claims.ts';
import { accountListRoutes } from './account-lists.ts';
import { approvalRoutes } from './approvals.ts';
import { type Authenticate, guard } from './authorise.ts';
import { deliveryRoutes } from './delivery.ts';
import { doctorRoutes } from './doctor.ts';
import type { Api, Door } from './door.ts';
import { estateRoutes } from './estate.ts';
import { estateEventRoutes } from './estate-events.ts';
import { evidenceRoutes } from './evidence.ts';
import { healthRoutes } from './health.ts';
import { idempotency } from './idempotency.ts';
import { inventoryRoutes } from './inventory.ts';
import { invitationRoutes } from './invitations.ts';
import { joinRoutes } from './join.ts';
import { keyringRoutes } from './keyring.ts';
import { memberRoutes } from './members.ts';
import { myRoutes } from './my.ts';
import { noticeRoutes } from './notices.ts';
import { nowRoutes } from './now.ts';
import { peopleRoutes } from './people.ts';
import { planGraphRoutes } from './plan-graph.ts';
import { planRoutes } from './plans.ts';
import type { KeptReplies } from './port.ts';
import { errorReply } from './problem-reply.ts';
import { refuseBrokenText } from './refuse-broken-text.ts';
import { reportRoutes } from './report.ts';
import { runEventRoutes } from './run-events.ts';
import { runRoutes } from './runs.ts';
import type { Services } from './services.ts';
import { sessionRoutes } from './session.ts';
import { signInRoutes } from './sign-in.ts';
import { Standing } from './standing.ts';
import { systemRoutes } from './systems.ts';
import { tokenRoutes } from './tokens.ts';
import { triggerRoutes } from './triggers.ts';
import { workloadRoutes } from './workload.ts';

/** How a server listens, beyond what every door has: TLS, limits, proxies. */
export type ListenerOptions = Pick<FastifyServerOptions, 'trustProxy' | 'clientErrorHandler' | 'keepAliveTimeout'> & {
  readonly http?: object;
  readonly https?: object;
};

export type ApiOptions = {
  readonly services: Services;
  /** Left out, nobody can sign in here and nothing tells of members. */
  readonly access?: AccessServices;
  /** Whoever opened the process, or whoever the request shows to be: see authorise.ts. */
  readonly caller: Authenticate;
  readonly version: string;
  /** Where unexpected errors go (their message never reaches a client). Silent when left out. */
  readonly report?: (error: unknown, requestId: string) => void;
  /** Plugins that must see the routes being added, such as the OpenAPI collector. */
  readonly before?: (api: FastifyInstance) => void;
  readonly listener?: ListenerOptions;
  /** Where answers to requests with an Idempotency-Key are kept. Left out: the header is not looked at. */
  readonly replies?: KeptReplies;
  /** How often whoever listens is asked about again. Left out: what standing.ts says. */
  readonly askAgainMs?: number;
  /** Throws when this process cannot do its work. Left out: it can when the store answers. */
  readonly ready?: () => Promise<void>;
};

/** JSON bodies are selectors and reasons: 1 MiB is generous. CSV uploads are streams and have no limit. */
const bodyLimit = 1024 * 1024;
/** A million-row CSV over a slow link takes minutes; a client that trickles for longer is cut off. */
const requestTimeout = 15 * 60_000;

/** A connection that went idle after closing began delays the end of the process by this much. */
const keepAliveTimeout = 2000;

export function buildApi(options: ApiOptions): FastifyInstance {
  const { access } = options;
  const closing = new AbortController();
  const ready = options.ready ?? (async () => void (await options.services.runs(houseCaller('readyz'), { limit: 1 })));
  const report = (error: unknown) => options.report?.(error, 'none');
  const refuse = errorReply(options.report ?? (() => {}));
  const api = Fastify({
    bodyLimit,
    requestTimeout,
    routerOptions: { maxParamLength: 2000 },
    forceCloseConnections: 'idle',
    keepAliveTimeout,
    genReqId: () => randomUUID(),
    // An address that no route can have is refused before any hook runs, in the same form as everything else.
    frameworkErrors: (error, request, reply) => {
      reply.header('x-request-id', request.id);
      refuse(error, request, reply);
    },
    requestIdHeader: false,
    ...(options.listener as FastifyServerOptions), // which server Fastify makes of it does not matter to any route
  });
  api.setValidatorCompiler(validatorCompiler);
  api.setSerializerCompiler(serializerCompiler);
  api.setErrorHandler(refuse);
  api.setNotFoundHandler((request) => {
    throw new Problem('not-found', {
      message: `no route ${request.method} ${request.url.split('?', 1)[0]}`,
      hint: 'the routes are listed in openapi.json',
    });
  });
  api.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  refuseBrokenText(api);
  api.addHook('preClose', async () => closing.abort());
  // A door's own checks come before anybody is asked who he is: what may not come in costs no look into the store.
  options.before?.(api);
  const { caller, asker } = guard(api, options.caller);
  const standing = new Standing(options.caller, report, options.askAgainMs);
  const door: Door = {
    services: options.services,
    caller,
    version: options.version,
    lasting: (request, reply) => AbortSignal.any([closing.signal, standing.of(request, reply, caller(request))]),
    report,
    ready,
    ...(access === undefined ? {} : { access }),
  };
  if (options.replies !== undefined) idempotency(api, options.replies, caller);
  api.register(async (scope) => {
    const typed: Api = scope.withTypeProvider<ZodTypeProvider>();
    for (const routes of [
      healthRoutes,
      doctorRoutes,
      inventoryRoutes,
      accountListRoutes,
      systemRoutes,
      planRoutes,
      planGraphRoutes,
      approvalRoutes,
      runRoutes,
      nowRoutes,
      peopleRoutes,
      runEventRoutes,
      estateEventRoutes,
      evidenceRoutes,
      deliveryRoutes,
      accountClaimRoutes,
      workloadRoutes,
      myRoutes,
      keyringRoutes,
      noticeRoutes,
      triggerRoutes,
      estateRoutes,
      reportRoutes,
    ]) {
      routes(typed, door);
    }
    if (access === undefined) return;
    for (const routes of [sessionRoutes, signInRoutes, joinRoutes, invitationRoutes, memberRoutes, tokenRoutes])
      routes(typed, { access, caller, asker, version: options.version });
  });
  return api;
}
