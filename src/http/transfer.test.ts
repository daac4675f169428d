// What streams through the API: uploads of any size in flat memory, downloads by name, a secret only by POST.
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { FastifyInstance } from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { houseCaller } from '../access/caller.ts';
import { buildApi } from './api.ts';
import type { Services } from './services.ts';

const open: FastifyInstance[] = [];
afterEach(async () => {
  for (const api of open.splice(0)) await api.close();
});

function door(services: Services): FastifyInstance {
  const api = buildApi({ services, caller: () => houseCaller('alice'), version: '0.0.0' });
  open.push(api);
  return api;
}

async function planned(api: FastifyInstance): Promise<{ plan: string; run: string }> {
  const plan = (await api.inject({ method: 'POST', url: '/v1/plans', payload: { where: 'all', reason: 'leak' } })).json().id as string;
  const run = (await api.inject({ method: 'POST', url: '/v1/runs', payload: { plan } })).json().id as string;
  return { plan, run };
}

describe('uploads and downloads', () => {
  it('a million CSV rows pass in flat memory', async () => {
    const fake = new FakeServices();
    const api = door(fake);
    const url = await api.listen({ port: 0, host: '127.0.0.1' });
    const block = Buffer.from('corp-ldap,uid=someone-with-a-long-name,ou=people,secret-value-here\n'.repeat(1000));
    let peak = 0;
    const base = process.memoryUsage().rss;
    async function* rows() {
      yield Buffer.from('system,account,secret\n');
      for (let i = 0; i < 1000; i++) {
        if (i % 50 === 0) peak = Math.max(peak, process.memoryUsage().rss - base);
        yield block;
      }
    }
    const reply = await fetch(`${url}/v1/imports/exposed?file=e.csv`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Readable.toWeb(Readable.from(rows())) as ReadableStream,
      duplex: 'half',
    } as RequestInit);
    expect(await reply.json()).toEqual({ rows: 1_000_000, imported: 1_000_000, problems: [] });
    expect(peak).toBeLessThan(64 * 1024 * 1024); // the file is 68 MB; both ends of the connection live in this process
  });

  it('an upload whose client goes away ends in an error in the import, never in a half file taken as whole', async () => {
    const fake = new FakeServices();
    const api = door(fake);
    const url = await api.listen({ port: 0, host: '127.0.0.1' });
    const stop = new AbortController();
    async function* rows() {
      yield Buffer.from('system,account\ncorp-ldap,a\n');
      await delay(100);
      stop.abort();
      await delay(100);
      yield Buffer.from('corp-ldap,b\n');
    }
    const sent = fetch(`${url}/v1/imports/exposed`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv' },
      body: Readable.toWeb(Readable.from(rows())) as ReadableStream,
      duplex: 'half',
      signal: stop.signal,
    } as RequestInit);
    await expect(sent).rejects.toThrow();
    await expect.poll(() => fake.imported.failed).toBe(true);
  });

  it('an import that is not CSV is refused', async () => {
    const api = door(new FakeServices());
    expect((await api.inject({ method: 'POST', url: '/v1/imports/owners', payload: { a: 1 } })).json()).toMatchObject({ code: 'usage' });
  });

  it('a bundle file is streamed; a name that climbs out of the bundle is refused', async () => {
    const api = door(new FakeServices());
    const { run } = await planned(api);
    expect((await api.inject({ url: `/v1/runs/${run}/bundle/checkpoint` })).body).toBe(`checkpoint of ${run}\n`);
    for (const name of ['..%2F..%2Fetc%2Fpasswd', '%2Fetc%2Fpasswd', 'a/../../b', '.hidden']) {
      const reply = await api.inject({ url: `/v1/runs/${run}/bundle/${name}` });
      expect([400, 404], name).toContain(reply.statusCode);
      expect(reply.body).not.toContain('of R-');
    }
  });

  it('a reveal is a POST and is never cached', async () => {
    const api = door(new FakeServices({ names: ['bob'] }));
    expect((await api.inject({ url: '/v1/accounts/corp-ldap/bob/reveal' })).statusCode).toBe(404);
    const reply = await api.inject({ method: 'POST', url: '/v1/accounts/corp-ldap/bob/reveal' });
    expect(reply.headers['cache-control']).toBe('no-store');
    expect(reply.json()).toEqual({ secret: 'Correct-Horse-9', version: 2, until: null });
  });
});
