// rekey serve as people start it: what it refuses and with which next step, and what an end in the middle of a run leaves behind.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { twinOracle } from '../../src/connectors/twin/oracle.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, rekey } from './rekey.ts';

const bin = fileURLToPath(new URL('../../bin/rekey.js', import.meta.url));
const undo: (() => unknown)[] = [];
afterEach(async () => {
  for (const step of undo.splice(0).reverse()) await step();
});

function emptyFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-serve-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

describe('refuses, naming the next step', () => {
  it.each([
    [['--listen', '0.0.0.0:7443'], 'passwords would cross the network in the clear', '--tls-cert'],
    [['--listen', 'rekey.example.test:7443'], 'passwords would cross the network in the clear', '--trust-proxy'],
    [['--listen', '[::]:7443', '--trust-proxy', '10.0.0.1'], 'cannot tell what people call it', '--public-url https://'],
    [['--listen', '7443'], 'is not HOST:PORT', '127.0.0.1:7443'],
    [['--listen', '127.0.0.1:99999'], 'is not HOST:PORT', '127.0.0.1:7443'],
    [['--metrics-listen', '9464'], 'is not HOST:PORT', '127.0.0.1:7443'],
    [['--listen', '127.0.0.1:7443', '--metrics-listen', '10.0.0.5:7443'], 'this is the port of --listen', '127.0.0.1:9464'],
    [['--tls-cert', 'server.pem'], 'belong together', '--tls-key FILE'],
    [['--public-url', 'http://rekey.example.test'], 'neither a session nor a passkey', 'https://rekey.example.test'],
    [['--log-level', 'debug'], 'is not a level', 'info, warn or error'],
    [['--context', 'https://rekey.example.test'], 'opens the estate itself', '--estate DIR'],
  ])('%j', async (flags, message, hint) => {
    const house = new FakeHouse(new FakeServices());
    const ran = await rekey(house, estateFolder(), ['serve', ...flags]);
    expect(ran.exit).toBe(2);
    expect(ran.err).toContain(message);
    expect(ran.err).toContain(`next: `);
    expect(ran.err).toContain(hint);
    expect(house.opened).toEqual([]);
  });

  it('a folder with other things in it is not made an estate by mistake', async () => {
    const folder = emptyFolder();
    writeFileSync(join(folder, 'holiday.jpg'), '');
    const ran = await rekey(new FakeHouse(new FakeServices()), folder, ['serve']);
    expect([ran.exit, ran.err]).toEqual([6, expect.stringContaining('rekey init')]);
    const demo = await rekey(new FakeHouse(new FakeServices()), folder, ['serve', '--demo']);
    expect([demo.exit, demo.err]).toEqual([6, expect.stringContaining('empty folder')]);
  });
});

/** A server as its own process: what it said so far, and how it ends. */
class Started {
  readonly child: ChildProcess;
  said = '';

  constructor(folder: string, argv: readonly string[]) {
    const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;
    this.child = spawn(process.execPath, [bin, ...argv], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    undo.push(() => this.child.kill('SIGKILL'));
    for (const stream of [this.child.stdout, this.child.stderr])
      stream?.on('data', (chunk) => {
        this.said += chunk;
      });
  }
  async until(pattern: RegExp): Promise<RegExpExecArray> {
    for (;;) {
      const found = pattern.exec(this.said);
      if (found !== null) return found;
      if (this.child.exitCode !== null) throw new Error(`it ended with ${this.child.exitCode}:\n${this.said}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  async ended(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) await once(this.child, 'exit');
    return this.child.exitCode;
  }
}

async function command(folder: string, argv: readonly string[]): Promise<{ exit: number | null; said: string }> {
  const started = new Started(folder, argv);
  const exit = await started.ended();
  await new Promise((resolve) => setImmediate(resolve));
  return { exit, said: started.said };
}

describe('as a process', () => {
  it('a port in use names who has it and the port beside it', async () => {
    const folder = emptyFolder();
    const holder = createServer().listen(0, '127.0.0.1');
    await once(holder, 'listening');
    undo.push(() => new Promise((closed) => holder.close(closed)));
    const { port } = holder.address() as { port: number };
    const { exit, said } = await command(folder, ['serve', '--listen', `127.0.0.1:${port}`]);
    expect(exit).toBe(6);
    expect(said).toContain(`process ${process.pid} (`);
    expect(said).toContain(`rekey serve --listen 127.0.0.1:${port + 1}`);
  });

  it('an empty folder becomes an estate; SIGTERM ends it with 0, a log of JSON lines and nothing half done', async () => {
    const folder = emptyFolder();
    const server = new Started(folder, ['serve', '--listen', '127.0.0.1:0']);
    const [, url = ''] = await server.until(/Rekey is at (\S+)/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    expect((await fetch(`${url}/v1/runs`)).status).toBe(401);
    const other = await command(folder, ['run', 'ls', '--json']);
    expect(other.exit).toBe(0);
    server.child.kill('SIGTERM');
    expect(await server.ended()).toBe(0);
    const events = server.said
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line).event as string);
    expect(events).toEqual(expect.arrayContaining(['server.listening', 'request.refused', 'server.stopping', 'server.stopped']));
    expect((await command(folder, ['run', 'ls'])).exit).toBe(0);
  });

  it('ended in the middle of a run, gently or at once, it goes on with the run when it starts again and writes no secret twice', async () => {
    const folder = emptyFolder();
    expect((await command(folder, ['init', '--name', 'acme'])).exit).toBe(0);
    const config = {
      seed: 's',
      accounts: { people: 80, domain: 'acme.test', unowned: 0, shared: 0, disabled: 0, privileged: 0 },
      state: { file: 'truth.journal' },
    };
    const block = { id: 'corp', connector: 'twin', tier: 2, owner: 'o@acme.test', config, limits: { concurrency: 2, perSecond: 10 } };
    writeFileSync(
      join(folder, 'rekey.yaml'),
      JSON.stringify({ apiVersion: 'rekey/v1', estate: 'acme', approvals: { count: 0, tier0: 0 }, systems: [block] }),
    );
    expect((await command(folder, ['discover'])).exit).toBe(0);
    expect((await command(folder, ['plan', '--where', 'all', '--reason', 'leak', '--name', 'acme', '-o', 'p.json'])).exit).toBe(0);
    let server = new Started(folder, ['serve', '--listen', '127.0.0.1:0']);
    await server.until(/Rekey is at/);
    const applied = await command(folder, ['apply', 'p.json', '--yes', '--detach', '--json']);
    const [run = ''] = /R-[0-9A-Z]{8}/.exec(applied.said) ?? [];
    expect(applied.said, applied.said).toMatch(/R-/);
    const written = (): number => {
      const oracle = twinOracle('corp', config, join(folder, 'truth.journal'));
      const counts = [...oracle.accounts()].map(({ id }) => oracle.writes(id));
      oracle.close();
      expect(Math.max(...counts)).toBeLessThanOrEqual(1);
      return counts.reduce((sum, n) => sum + n, 0);
    };
    const planned = JSON.parse(readFileSync(join(folder, 'p.json'), 'utf8')).data.totals.rotate as number;
    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      const before = written();
      while (written() < before + 4) await new Promise((resolve) => setTimeout(resolve, 30));
      server.child.kill(signal);
      expect(await server.ended()).toBe(signal === 'SIGTERM' ? 0 : null);
      expect(written()).toBeLessThan(planned);
      server = new Started(folder, ['serve', '--listen', '127.0.0.1:0']);
      await server.until(/Rekey is at/);
    }
    await command(folder, ['run', 'watch', run]);
    const shown = await command(folder, ['run', 'show', run, '--json']);
    const { data } = JSON.parse(shown.said.slice(shown.said.indexOf('{')));
    // Nobody knows the old secrets of these accounts, so how far their proof goes is not the question here: nothing may be left on its way.
    expect(data.state).toMatch(/^(complete|incomplete|residual)$/);
    expect(Object.keys(data.counts)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(planned|sealed|sent|in-doubt|failed)$/)]),
    );
    expect(written()).toBe(planned);
    server.child.kill('SIGTERM');
    expect(await server.ended()).toBe(0);
  }, 400_000);
});
