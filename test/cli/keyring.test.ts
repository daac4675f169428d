// The keyring's turn through the built command: everything sealed before still opens, an old key goes only when nothing needs it.
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../../bin/rekey.js', import.meta.url));
const { REKEY_URL: _url, REKEY_ESTATE: _estate, ...env } = process.env;
const folder = mkdtempSync(join(tmpdir(), 'rekey-keyring-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function rekey(...argv: string[]): Promise<{ exit: number | null; out: string; err: string }> {
  return new Promise((done) => {
    const child = execFile(process.execPath, [bin, ...argv], { cwd: folder, env }, (_error, out, err) =>
      done({ exit: child.exitCode, out, err }),
    );
    child.stdin?.end();
  });
}

it('after a turn every secret still opens, and the old key goes once nothing needs it', async () => {
  expect((await rekey('init', '--name', 'turned')).exit).toBe(0);
  writeFileSync(
    join(folder, 'rekey.yaml'),
    `apiVersion: rekey/v1
estate: turned
approvals: { count: 0, tier0: 0, self: true }
systems:
  - { id: shop, connector: twin, tier: 2, owner: alice@example.test, config: { seed: k, accounts: { people: 2, unowned: 0, shared: 0, disabled: 0 } } }
`,
  );
  expect((await rekey('discover')).exit).toBe(0);
  const plan = JSON.parse((await rekey('plan', '--where', 'all', '--reason', 'test', '--json')).out).data.id;
  await rekey('apply', plan, '--yes');
  const accounts = JSON.parse((await rekey('account', 'ls', '--where', 'all', '--json')).out).data;
  const name = `shop/${accounts[0].account}`;
  const before = JSON.parse((await rekey('reveal', name, '--json', '--reveal')).out).data;
  const refused = await rekey('keyring', 'rm', 'k1');
  expect([refused.exit, refused.err]).toEqual([6, expect.stringMatching(/current key/)]);
  const turned = JSON.parse((await rekey('keyring', 'turn', '--json')).out).data;
  expect(turned).toMatchObject({ current: 'k2', keys: ['k2', 'k1'] });
  expect(turned.rewrapped).toBeGreaterThan(0);
  expect((await rekey('keyring', 'rm', 'k1')).exit).toBe(0);
  expect(readdirSync(join(folder, '.rekey', 'keyring'))).toEqual(['k2']);
  expect(JSON.parse((await rekey('reveal', name, '--json', '--reveal')).out).data).toEqual(before);
});
