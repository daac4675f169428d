// Metrics tell how it goes and nothing about whom: no name, no address, no secret, whatever was asked for.
import { createServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { refusal } from '../../test/harness/refusal.ts';
import { ask, closeServers, served } from '../../test/harness/server.ts';

afterEach(closeServers);

it('routes are told by their template, and what strangers make up adds nothing', async () => {
  const { port } = await served();
  for (const path of [
    '/v1/accounts/corp-ldap/alice.smith',
    '/v1/runs/R-EVIL',
    '/v1/evil-path-1',
    '/v1/evil-path-2?token=hunter2',
    '/deep/link',
  ])
    await ask(port, { path });
  await ask(port, { path: '/v1/about', method: 'PROPFIND' });
  const { status, body } = await ask(port, { path: '/metrics' });
  expect(status).toBe(200);
  expect(body).toContain('route="/v1/accounts/:system/:account"');
  expect(body).toMatch(/rekey_http_request_duration_seconds_count\{method="GET",route="none",status="404"\} 2/);
  expect(body).not.toMatch(/alice|corp-ldap|EVIL|evil|hunter2|127\.0\.0\.1|PROPFIND/);
});

it('doubt, halted systems, waiting jobs and a hanging worker can be alerted on, also before they happen', async () => {
  const { port } = await served();
  const { body } = await ask(port, { path: '/metrics' });
  for (const line of [
    'rekey_items{state="in-doubt"} 3',
    'rekey_items{state="residual"} 0',
    'rekey_lanes{state="halted"} 1',
    'rekey_jobs_queued{queue="lane"} 2',
    'rekey_oldest_lane_beat_seconds 4',
    'rekey_store_up 1',
  ])
    expect(body).toContain(line);
  expect(body).toContain('nodejs_eventloop_lag_seconds');
});

it('are for this machine, or for who has the token', async () => {
  const behind = await served({ proxies: ['127.0.0.1'], publicUrl: 'https://rekey.example.test' });
  const host = 'rekey.example.test';
  expect((await ask(behind.port, { path: '/metrics', headers: { host } })).status).toBe(401);
  const guarded = await served({ metricsToken: 'a-long-scrape-token' });
  expect((await ask(guarded.port, { path: '/metrics' })).status).toBe(401);
  expect((await ask(guarded.port, { path: '/metrics', headers: { authorization: 'Bearer a-long-scrape-toke' } })).status).toBe(403);
  expect((await ask(guarded.port, { path: '/metrics', headers: { authorization: 'Bearer a-long-scrape-token' } })).status).toBe(200);
});

describe('a listener of their own', () => {
  const own = { metricsListen: { host: '127.0.0.1', port: 0 }, metricsToken: 'a-long-scrape-token' };
  const opened = async () => {
    const { port, metricsPort, ...server } = await served(own);
    if (metricsPort === undefined) throw new Error('it does not listen for metrics');
    return { ...server, port, metricsPort };
  };

  it('asks for no token, while the one that everybody reaches goes on asking', async () => {
    const { port, metricsPort } = await opened();
    await ask(port, { path: '/v1/runs/R-EVIL' });
    const { status, body, headers } = await ask(metricsPort, { path: '/metrics' });
    expect([status, headers['cache-control']]).toEqual([200, 'no-store']);
    expect(headers['content-type']).toContain('text/plain');
    expect(body).toContain('rekey_items{state="in-doubt"} 3');
    expect(body).toContain('route="/v1/runs/:id"');
    expect((await ask(metricsPort, { path: '/metrics', method: 'HEAD' })).body).toBe('');
    expect((await ask(port, { path: '/metrics' })).status).toBe(401);
    expect((await ask(port, { path: '/metrics', headers: { authorization: 'Bearer a-long-scrape-token' } })).status).toBe(200);
  });

  it('answers nothing else, whoever asks and however', async () => {
    const { metricsPort } = await opened();
    for (const path of [
      '/',
      '/v1/about',
      '/v1/runs',
      '/healthz',
      '/metrics/',
      '/metrics/../v1/runs',
      '//metrics',
      '/my',
      'http://x/metrics',
    ])
      expect((await ask(metricsPort, { path })).status, path).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await ask(metricsPort, { path: '/metrics', method })).status, method).toBe(405);
  });

  it('ends with the server, and a server whose metrics find no port does not stay half open', async () => {
    const { metricsPort, close } = await opened();
    await close();
    await expect(ask(metricsPort, { path: '/metrics' })).rejects.toThrow('ECONNREFUSED');
    const taken = createServer();
    await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
    const { port } = taken.address() as { port: number }; // it listens on a port
    const refused = await refusal(served({ metricsListen: { host: '127.0.0.1', port } }));
    await new Promise((closed) => taken.close(closed));
    expect([refused.code, refused.hint]).toEqual(['conflict', expect.stringContaining('--metrics-listen')]);
  });
});
