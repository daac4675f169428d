// The built command as users start it: a process of its own, real streams, a real estate in a folder.
import { execFile, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/rekey.js', import.meta.url));
const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;

function rekey(cwd: string, ...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [bin, ...argv], { cwd, env }, (_error, out, err) => done({ exit: child.exitCode, out, err }));
    child.stdin?.end();
  });
}
const folder = () => mkdtempSync(join(tmpdir(), 'rekey-built-'));

describe('the built command', () => {
  it('init makes an estate that doctor opens, that a second init leaves alone, and whose list ends on its own', async () => {
    const cwd = folder();
    const made = await rekey(cwd, 'init', '--name', 'acme', '--json');
    expect([made.exit, made.err]).toEqual([0, '']);
    expect(JSON.parse(made.out).data.name).toBe('acme');
    expect((await rekey(cwd, 'config', 'validate')).exit).toBe(0);
    const doctor = await rekey(cwd, 'doctor', '--json');
    expect([doctor.exit, JSON.parse(doctor.out).data.estate]).toEqual([0, 'acme']);
    expect(JSON.parse((await rekey(cwd, 'account', 'ls', '--where', 'all', '--json')).out)).toMatchObject({
      kind: 'AccountList',
      data: [],
    });
    expect((await rekey(cwd, 'run', 'show', 'R-00000000')).exit).toBe(6);
    expect((await rekey(cwd, 'init')).exit).toBe(6);
  });

  it('init gives an estate file from version control what it lacks, and never a new keyring to an old store', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'rekey.yaml'), 'apiVersion: rekey/v1\nestate: cloned\napprovals: { count: 0, tier0: 0 }\nsystems: []\n');
    expect((await rekey(cwd, 'init')).exit).toBe(0);
    expect((await rekey(cwd, 'doctor')).exit).toBe(0);
    rmSync(join(cwd, '.rekey', 'keyring'), { recursive: true });
    const lost = await rekey(cwd, 'init');
    expect([lost.exit, lost.err]).toEqual([6, expect.stringMatching(/no keyring/)]);
  });

  it('a broken estate file is 2 with file, line and column, before anything is opened', async () => {
    const cwd = folder();
    writeFileSync(join(cwd, 'rekey.yaml'), 'apiVersion: rekey/v1\nestate: acme\nsistems: []\n');
    const ran = await rekey(cwd, 'doctor');
    expect([ran.exit, ran.err]).toEqual([2, expect.stringMatching(/rekey\.yaml:3:1/)]);
  });

  it('answers help, version and the schema without an estate', async () => {
    expect((await rekey('/', '--help')).out).toMatch(/^Examples:\n {2}rekey demo/);
    expect((await rekey('/', '--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/);
    expect(JSON.parse((await rekey('/', 'config', 'schema')).out)).toHaveProperty('$schema');
    expect((await rekey('/', 'run', 'ls')).exit).toBe(6);
  });

  it('a reader that goes away ends it without a complaint', async () => {
    const child = spawn(process.execPath, [bin, 'config', 'schema'], { cwd: '/', env });
    let err = '';
    child.stderr.on('data', (chunk) => {
      err += chunk;
    });
    child.stdout.destroy();
    const exit = await new Promise((done) => child.once('exit', done));
    expect([exit, err]).toEqual([0, '']);
  });
});
