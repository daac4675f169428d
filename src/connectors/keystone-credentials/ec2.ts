// EC2 keys (OS-EC2): made by an admin for anybody, with a label inside that only the list shows, and proved by a signed request that is
// checked and not made.
import { createHash, createHmac, randomBytes } from 'node:crypto';
import { done, type Io } from '../../kit/kit.ts';
import { listAt, type Reply, textAt } from '../../protocols/http/call.ts';
import { Token } from '../../protocols/keystone/auth.ts';
import type { Identity } from '../../protocols/keystone/identity.ts';
import type { CredentialKind, Listed, Pair } from './kind.ts';

/** A deleted key: releases before 2025 name the credential, later ones the key. Another 404 says nothing about it. */
export const saysAbsent = /could not find credential|access key not found/i;

export function ec2Keys(identity: Identity, io: Io): CredentialKind {
  return {
    async list(user) {
      const read = await identity.ask({ method: 'GET', path: ['v3', 'credentials'], query: { type: 'ec2', user_id: user } }, [200]);
      return read.kind === 'done' ? done(listAt(read.value.body, 'credentials').flatMap(listed)) : read;
    },
    async issue({ user, project }, sealer, label) {
      const access = randomBytes(16).toString('hex');
      const secret = randomBytes(32).toString('base64url');
      // The service keeps the blob as it is and takes what it knows from it: the label is for the one who lists.
      const blob = JSON.stringify({ access, secret, label });
      const json = { credential: { type: 'ec2', user_id: user, project_id: project, blob } };
      const made = await identity.ask({ method: 'POST', path: ['v3', 'credentials'], json }, [201]);
      if (made.kind !== 'done') return made;
      const sealed = await sealer.seal(access, Buffer.from(JSON.stringify({ access, secret })));
      return done({ slot: access, secret: sealed });
    },
    async retire(_, slot) {
      const deleted = await identity.ask({ method: 'DELETE', path: ['v3', 'credentials', idOfKey(slot)] }, [204, 404]);
      return deleted.kind === 'done' ? done(undefined) : deleted;
    },
    async login({ id, secret }) {
      const json = { credentials: signedRequest(id, secret, io.now()) };
      // The service asks who wants a signature checked (since 2025): that is the Rekey user, and the answer is about the key.
      // A 401 is as a rule about the key, so it is not waited out: a token of our own that has just died is told by the calls that follow.
      const asked = { method: 'POST', path: ['v3', 'ec2tokens'], json } as const;
      const answer = await identity.ask(asked, [200, 404], [], {}, 2);
      if (answer.kind !== 'done') return { reply: replyOf(answer.fault.target), token: undefined, absent: false };
      const text = answer.value.header('x-subject-token');
      const token = answer.value.status === 200 && text !== undefined ? new Token(text) : undefined;
      const absent = answer.value.status === 404 && saysAbsent.test(textAt(answer.value.body, 'error', 'message') ?? '');
      return { reply: answer.value, token, absent };
    },
    pairOf: (text) => pairOf(text, 'access'),
  };
}

/** What the outcome of a call that got no usable answer tells a probe: the status, or the code of the transport. */
function replyOf(target = 'no-code'): Reply {
  if (!/^\d{3}$/.test(target)) return { kind: 'no-answer', code: target };
  return { kind: 'answered', status: Number(target), header: () => undefined, body: undefined, date: undefined, retryAfterMs: undefined };
}

/** The list holds every secret in clear: nothing but access id and label leaves this function. */
function listed(value: unknown): Listed[] {
  const [user, project, blob] = [textAt(value, 'user_id'), textAt(value, 'project_id'), textAt(value, 'blob')];
  if (user === undefined || project === undefined || blob === undefined) return [];
  try {
    const inside: unknown = JSON.parse(blob);
    const slot = textAt(inside, 'access');
    const label = textAt(inside, 'label');
    return slot === undefined ? [] : [{ slot, user, project, expired: false, ...(label === undefined ? {} : { label }) }];
  } catch {
    return [];
  }
}

/** Section "credentials" of the Identity API: the id of an EC2 credential is the SHA-256 of its access id. */
const idOfKey = (access: string): string => createHash('sha256').update(access).digest('hex');

/** AWS signature version 2 over a request that nobody makes. The timestamp keeps a stolen copy from being good for more than minutes. */
export function signedRequest(access: string, secret: string, now: Date) {
  const params = {
    AWSAccessKeyId: access,
    SignatureMethod: 'HmacSHA256',
    SignatureVersion: '2',
    Timestamp: `${now.toISOString().slice(0, 19)}Z`,
  };
  const query = Object.entries(params)
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
  const request = { host: 'rekey-probe.invalid', verb: 'GET', path: '/' };
  const signature = createHmac('sha256', secret).update(`${request.verb}\n${request.host}\n${request.path}\n${query}`).digest('base64');
  return { access, ...request, params, signature };
}

export function pairOf(text: string, handle: 'id' | 'access'): Pair | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const [id, secret] = [textAt(value, handle), textAt(value, 'secret')];
    return id === undefined || secret === undefined || secret === '' ? undefined : { id, secret };
  } catch {
    return undefined;
  }
}
