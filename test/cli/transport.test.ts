// One API through three doors: a URL, the socket of whoever has the estate open, this process. None loses a call or does it twice.

import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { Problem } from '../../src/domain/problem.ts';
import { buildApi } from '../../src/http/api.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, rekey } from './rekey.ts';

const ending: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0)) await end();
});

async function server(services: FakeServices): Promise<string> {
  const api = buildApi({ services, caller: () => ({ ...houseCaller('remote'), custodian: false }), version: '0.0.0' });
  ending.push(() => api.close());
  return api.listen({ port: 0, host: '127.0.0.1' });
}

describe('a URL', () => {
  it('serves the whole path, from --context or REKEY_URL, without an estate folder', async () => {
    const services = new FakeServices({ step: 10, approvals: 0 });
    const url = await server(services);
    const house = new FakeHouse(services);
    const run = (...argv: string[]) => rekey(house, '/', [...argv, '--context', url]);
    expect((await run('plan', '--where', 'all', '--reason', 'x')).err).toContain(`estate acme (${url}) · you are remote`);
    expect((await run('apply', 'P-00000001', '--yes')).exit).toBe(0);
    expect((await run('run', 'items', 'R-00000001', '--json')).out.trim().split('\n')).toHaveLength(30);
    const sent = await rekey(house, '/', ['import', 'owners', '-'], { input: 'system,account\ncorp-ldap,a\n', env: { REKEY_URL: url } });
    expect(sent.out).toBe('1 of 1 row imported\n');
    expect((await run('run', 'show', 'R-NOTHERE0')).exit).toBe(6);
    expect(house.opened).toEqual([]);
  });

  it('that nobody answers on is an error naming it; one with a password in it is refused and not repeated', async () => {
    const house = new FakeHouse(new FakeServices());
    const down = await rekey(house, '/', ['run', 'ls', '--context', 'http://127.0.0.1:9']);
    expect([down.exit, down.err]).toEqual([1, expect.stringContaining('http://127.0.0.1:9: Rekey')]);
    const withPassword = await rekey(house, '/', ['run', 'ls', '--context', 'http://u:hunter2@127.0.0.1:9']);
    expect(withPassword.exit).toBe(2);
    expect(withPassword.err).not.toContain('hunter2');
  });

  it('and a folder contradict each other', async () => {
    const house = new FakeHouse(new FakeServices());
    expect((await rekey(house, estateFolder(), ['run', 'ls', '--context', 'http://127.0.0.1:9', '--estate', '.'])).exit).toBe(2);
  });

  it('after Ctrl-C the run there goes on and is not paused', async () => {
    const services = new FakeServices({ step: 1 });
    const url = await server(services);
    const house = new FakeHouse(services);
    await rekey(house, '/', ['plan', '--where', 'all', '--reason', 'x', '--context', url]);
    const ran = await rekey(house, '/', ['apply', 'P-00000001', '--yes', '--context', url], { interruptAt: /run R-00000001 running/ });
    expect(ran.exit).toBe(130);
    expect(ran.err).toContain('run continues — rekey run watch R-00000001');
    expect(services.calls.some((call) => call.startsWith('pause'))).toBe(false);
  });
});

describe('the socket', () => {
  it('a second terminal pauses the run the first one is doing; only its owner may connect', async () => {
    const services = new FakeServices({ step: 1 });
    const first = new FakeHouse(services);
    const second = new FakeHouse(services);
    const cwd = estateFolder();
    await rekey(first, cwd, ['plan', '--where', 'all', '--reason', 'x']);
    let paused: Promise<{ exit: number; err: string }> | undefined;
    let mode = 0;
    const applied = await rekey(first, cwd, ['apply', 'P-00000001', '--yes'], {
      onErr: (err) => {
        if (paused !== undefined || !err.includes('run R-00000001 running')) return;
        mode = statSync(join(cwd, '.rekey', 'rekey.sock')).mode & 0o777;
        paused = rekey(second, cwd, ['run', 'pause', 'R-00000001', '--reason', 'orders-api is down']);
      },
    });
    expect((await paused)?.exit).toBe(0);
    expect(second.opened).toEqual([]);
    expect([applied.exit, applied.out]).toEqual([8, expect.stringContaining('halted by alice')]);
    expect(applied.out).toContain('orders-api is down');
    expect(mode).toBe(0o600);
    expect(existsSync(join(cwd, '.rekey', 'rekey.sock'))).toBe(false);
  });

  it('left by a killed process is not waited for: the estate is opened here and listens in its place', async () => {
    const house = new FakeHouse(new FakeServices());
    const cwd = estateFolder();
    mkdirSync(join(cwd, '.rekey'));
    writeFileSync(join(cwd, '.rekey', 'rekey.sock'), '');
    const started = Date.now();
    const ran = await rekey(house, cwd, ['run', 'ls']);
    expect([ran.exit, house.opened.length]).toEqual([0, 1]);
    expect(ran.err).not.toContain('warning');
    expect(Date.now() - started).toBeLessThan(2000);
  });

  it('whose process ends in the middle of a watch: the watcher opens the estate itself, with a worker, and sees the end', async () => {
    const services = new FakeServices({ step: 1 });
    const cwd = estateFolder();
    mkdirSync(join(cwd, '.rekey'));
    const other = await new FakeHouse(services).openEstate({ folder: cwd });
    await other.listen(join(cwd, '.rekey', 'rekey.sock'));
    await services.createPlan(houseCaller('a'), { where: 'all', reason: 'x' });
    await services.startRun(houseCaller('a'), 'P-00000001');
    const house = new FakeHouse(services);
    let closing: Promise<void> | undefined;
    const watched = await rekey(house, cwd, ['run', 'watch', 'R-00000001'], {
      onErr: () => {
        if (closing !== undefined) return;
        services.options.step = 1000;
        closing = other.close();
      },
    });
    await closing;
    expect(watched.exit).toBe(0);
    expect(house.opened).toEqual([{ worker: true }]);
    expect(house.closed).toBe(1);
  });

  it('whose process is closing: a call it refused goes to whoever has the estate next, an upload is not sent twice', async () => {
    const services = new FakeServices();
    const cwd = estateFolder();
    mkdirSync(join(cwd, '.rekey'));
    const path = join(cwd, '.rekey', 'rekey.sock');
    let answered = 0;
    const about = JSON.stringify({ estate: 'acme', demo: false, version: '0', caller: { name: 'a', custodian: true } });
    const dying = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        answered += 1;
        const ok = answered === 1;
        socket.end(
          `HTTP/1.1 ${ok ? '200 OK' : '503 Service Unavailable'}\r\ncontent-type: application/json\r\ncontent-length: ${ok ? about.length : 2}\r\nconnection: close\r\n\r\n${ok ? about : '{}'}`,
        );
        if (!ok) dying.close();
      });
    });
    await new Promise<void>((listening) => dying.listen(path, listening));
    const house = new FakeHouse(services);
    const ran = await rekey(house, cwd, ['import', 'owners', '-'], { input: 'system,account\na,b\n' });
    expect([ran.exit, ran.err]).toEqual([1, expect.stringContaining('ended during the upload')]);
    expect(house.opened).toEqual([]);
    answered = 0;
    dying.listen(path);
    const planned = await rekey(house, cwd, ['plan', '--where', 'all', '--reason', 'x']);
    expect([planned.exit, house.opened.length]).toEqual([0, 1]);
    expect((await services.plans(houseCaller('a'), { limit: 10 })).items).toHaveLength(1);
  });
});

describe('an estate that another process holds', () => {
  it('is waited for while that process ends, and reported when it does not', async () => {
    const cwd = estateFolder();
    class Locked extends FakeHouse {
      left: number;
      constructor(left: number) {
        super(new FakeServices());
        this.left = left;
      }
      override async openEstate(options: { folder?: string; worker?: boolean }) {
        if (this.left-- > 0)
          throw new Problem('estate-locked', { message: 'the estate is open in process 4711', hint: 'wait for it to end' });
        return super.openEstate(options);
      }
    }
    expect((await rekey(new Locked(3), cwd, ['run', 'ls'])).exit).toBe(0);
    const started = Date.now();
    const ran = await rekey(new Locked(Number.POSITIVE_INFINITY), cwd, ['run', 'ls']);
    expect([ran.exit, ran.err]).toEqual([6, expect.stringContaining('the estate is open in process 4711')]);
    expect(Date.now() - started).toBeGreaterThan(5000);
  });

  it('opened here is closed on every way out', async () => {
    const house = new FakeHouse(new FakeServices());
    const cwd = estateFolder();
    for (const argv of [
      ['run', 'ls'],
      ['run', 'show', 'R-NOTHERE0'],
      ['plan', '--where', 'nonsense', '--reason', 'x'],
      ['apply', 'nothing'],
    ])
      await rekey(house, cwd, argv);
    await delay(10);
    expect(house.closed).toBe(house.opened.length);
    expect(house.opened).toHaveLength(4);
  });
});

it('a folder without an estate is 6 and says what to do', async () => {
  const ran = await rekey(new FakeHouse(new FakeServices()), '/', ['run', 'ls']);
  expect(ran.exit).toBe(6);
  expect(ran.err).toContain('rekey init');
});
