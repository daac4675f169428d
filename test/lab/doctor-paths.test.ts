// doctor at the doors of a real directory: one that is well, one with another CA, one where nobody listens; and nobody's account is touched.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { freePort } from '../../lab/process.ts';
import { type Slapd, startSlapd } from '../../lab/slapd.ts';
import { serversCertificate } from '../../lab/slapd-tls.ts';
import { registry } from '../../src/connectors/registry.gen.ts';
import type { Estate, SystemSpec } from '../../src/estate/estate.ts';
import type { Check } from '../../src/kit/kit.ts';
import { Connections, type Registry } from '../../src/wire/connections.ts';
import { checkPath } from '../../src/wire/doctor-path.ts';
import { marksOf } from './estate/outside.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-doctor-paths-'));
let lab: Slapd;
beforeAll(async () => {
  lab = await startSlapd({ dir: join(folder, 'ldap'), people: 3, services: 1, replicas: 0, ppolicy: { maxFailure: 3, minLength: 12 } });
}, 60_000);
afterAll(async () => {
  await lab?.stop();
  rmSync(folder, { recursive: true, force: true });
});

test('each door of a system tells its own cause, and no account has a failure more', async () => {
  mkdirSync(join(folder, 'foreign'));
  const foreign = serversCertificate(join(folder, 'foreign')).ca;
  const user = `uid={login},ou=people,${lab.base}`;
  const bind = (id: string, url: string, ca: string) => ({ id, probe: 'ldap-bind', config: { servers: [url], ca, user } });
  const away = await freePort();
  const paths = [
    bind('well', lab.ldapsUrl, lab.ca),
    bind('other-ca', lab.ldapsUrl, foreign),
    bind('away', `ldaps://127.0.0.1:${away}`, lab.ca),
    { id: 'kerberos', probe: 'kerberos', config: { realm: 'LAB.TEST', kdcs: [{ host: '127.0.0.1', port: away }] } },
  ];
  const spec: SystemSpec = { id: 'dir', connector: 'ldap', tier: 3, config: {}, limits: {}, password: {}, paths, specHash: '' };
  const estate = { folder, systems: [spec] } as unknown as Estate; // all that opening a path reads
  const connections = new Connections(estate, registry as Registry, {});
  const before = await marksOf(lab);
  const found: [string, Check['id'], Check['verdict']][] = [];
  for (const path of paths) for await (const { id, verdict } of checkPath(connections, spec, path)) found.push([path.id, id, verdict]);
  expect(found).toEqual([
    ['well', 'auth', 'ok'],
    ['other-ca', 'tls', 'fail'],
    ['away', 'reach', 'fail'],
    ['kerberos', 'reach', 'fail'],
  ]);
  expect(await marksOf(lab)).toEqual(before);
  await connections.close();
});
