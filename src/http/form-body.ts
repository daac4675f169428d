// Forms of our own pages: a few short fields, and the proof that this session's own page was sent.
import { timingSafeEqual } from 'node:crypto';
import type { FastifyInstance } from 'fastify';
import type { Caller } from '../access/caller.ts';
import { Problem } from '../domain/problem.ts';

/** A token, a version: a form that is longer is not ours. */
const longest = 4096;

export function takeForms(api: FastifyInstance): void {
  api.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string', bodyLimit: longest }, (_request, body, done) => {
    done(null, Object.fromEntries(new URLSearchParams(String(body))));
  });
}

/** The session's token stands in the page's form: another site can send the form, and cannot know the token. */
export function assertOwnForm(caller: Caller, csrf: string): void {
  const own = Buffer.from(caller.session?.csrf ?? '');
  const sent = Buffer.from(csrf);
  if (own.length > 0 && own.length === sent.length && timingSafeEqual(own, sent)) return;
  throw new Problem('not-permitted', { message: 'this form is from another session', hint: 'open the page of the account again' });
}
