// A request that is sent twice with one Idempotency-Key is done once: the second gets the first one's answer, or hears why it cannot.
import { createHash, type Hash } from 'node:crypto';
import { pipeline, Readable, Transform } from 'node:stream';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '../domain/problem.ts';
import type { Begun, KeptReplies } from './port.ts';
import { RetryLater } from './retry-later.ts';
import type { Caller } from './services.ts';

/** A day: a script that a person restarts the next morning still repeats nothing. */
const keepMs = 24 * 60 * 60_000;
/** Longer than any request may take: what still runs after it died with its server. */
const longestMs = 20 * 60_000;
/** A reply larger than this is not kept: acting routes answer with one thing. */
const largestKept = 1024 * 1024;

type Body = { readonly hash: Hash; ended: boolean };
type Claim = { readonly key: string; readonly body: Body };

export function idempotency(api: FastifyInstance, replies: KeptReplies, caller: (request: FastifyRequest) => Caller): void {
  const bodies = new WeakMap<FastifyRequest, Body>();
  const claims = new WeakMap<FastifyRequest, Claim>();

  api.addHook('preParsing', async (request, _reply, payload) => {
    if (keyOf(request) === undefined) return payload;
    const body: Body = { hash: createHash('sha256'), ended: false };
    bodies.set(request, body);
    return hashing(payload as Readable, body);
  });

  // After the body was read and found valid, before anything is done.
  api.addHook('preHandler', async (request, reply) => {
    const key = keyOf(request);
    const body = bodies.get(request);
    // What nobody is signed in for has no owner of a key: such routes answer by their own one-time codes.
    if (key === undefined || body === undefined || request.is404 || request.routeOptions.config.needs === 'public') return;
    const claim = { key: scoped(request, caller(request), key), body };
    const begun = await replies.begin(claim.key, keepMs);
    if (begun.kind === 'new') {
      claims.set(request, claim);
      return;
    }
    await readToEnd(request.body);
    return again(reply, begun, digestOf(body));
  });

  // Before the answer leaves: a client that has it can rely on its being kept.
  api.addHook('onSend', async (request, reply, payload) => {
    const claim = claims.get(request);
    if (claim === undefined) return;
    claims.delete(request);
    const { key } = claim;
    const body = digestOf(claim.body);
    // A refusal has done nothing: the same request may be right later, once approved for example. A 5xx may have done something.
    if (reply.statusCode >= 400 && reply.statusCode < 500) return replies.forget(key);
    const secret = request.routeOptions.config.secret === true;
    if (secret || typeof payload !== 'string' || payload.length > largestKept) return replies.done(key, body);
    const type = reply.getHeader('content-type');
    return replies.keep(key, body, { status: reply.statusCode, type: type === undefined ? null : String(type), reply: payload });
  });
}

function keyOf(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined || request.method !== 'POST') return undefined;
  if (typeof key === 'string' && /^[\x21-\x7e]{1,200}$/.test(key)) return key;
  throw new Problem('usage', {
    place: 'headers.idempotency-key',
    message: 'expected one key of 1 to 200 visible ASCII characters',
    hint: 'a UUID for each thing to be done',
  });
}

/** The same key of another person, or on another address, is another key. */
function scoped(request: FastifyRequest, { name, via, identity }: Caller, key: string): string {
  return createHash('sha256')
    .update(JSON.stringify([via, identity, name, request.method, request.url, key]))
    .digest('hex');
}

function hashing(payload: Readable, body: Body): Readable {
  let length = 0;
  const through = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      body.hash.update(chunk);
      length += chunk.length;
      done(null, chunk);
    },
    flush(done) {
      body.ended = true;
      done();
    },
  });
  // Fastify holds the declared length against what was read.
  Object.defineProperty(through, 'receivedEncodedLength', { get: () => length });
  return pipeline(payload, through, () => {});
}

/** Null: the body was not read to its end, so nothing can be compared with it. */
const digestOf = ({ hash, ended }: Body): string | null => (ended ? hash.copy().digest('hex') : null);

async function readToEnd(body: unknown): Promise<void> {
  if (body instanceof Readable) for await (const _ of body);
}

function again(reply: FastifyReply, begun: Exclude<Begun, { kind: 'new' }>, body: string | null): FastifyReply {
  if (begun.kind === 'running') {
    if (begun.sinceMs < longestMs)
      throw new RetryLater(
        'conflict',
        { message: 'a request with this Idempotency-Key is under way', hint: 'ask again with the same key' },
        1000,
      );
    throw new Problem('conflict', {
      message: 'the server ended while a request with this Idempotency-Key was under way: whether it was done is not known',
      hint: 'look at what is there first; then send it with a new key',
    });
  }
  if (body === null || begun.body !== body)
    throw new Problem('conflict', {
      message: 'this Idempotency-Key was used for a request with other content',
      hint: 'a new key for each thing to be done',
    });
  if (begun.kind === 'done')
    throw new Problem('conflict', {
      message: 'this was done already; its answer is not kept, because it held a secret or was a stream',
      hint: 'ask with a new key: that is a request of its own, and audited as one',
    });
  const { status, type, reply: kept } = begun.reply;
  return reply
    .code(status)
    .headers({ ...(type === null ? {} : { 'content-type': type }), 'idempotency-replayed': 'true' })
    .send(kept);
}
