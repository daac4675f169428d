// What the certificate suites stand on: a CA made with openssl, an nginx that checks its revocation list, and a TLS server that says why by an alert.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type LabNginx, startNginx } from '../../lab/nginx.ts';
import { type LabCa, startCa } from '../../lab/openssl-ca.ts';
import { freePort, portOpen, startServer } from '../../lab/process.ts';
import { config } from '../../src/connectors/x509/config.ts';
import { x509 } from '../../src/connectors/x509/x509.ts';
import type { AccountRef, Io, Outcome, Probed, Sealer, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';

export type Connection = Awaited<ReturnType<typeof x509.open>>;
export type Ground = {
  readonly dir: string;
  readonly ca: LabCa;
  readonly nginx: LabNginx;
  /** nginx's servers: checking, taking any certificate, answering 403 by its own rule, and with ticket keys that outlive a reload. */
  readonly ports: { readonly nginx: number; readonly any: number; readonly rule: number; readonly tickets: number; readonly list: number };
  readonly io: Io;
  block(more?: object): object;
  open(more?: object, io?: Partial<Io>): Promise<Connection>;
  ref(name: string): AccountRef;
  /** `path verdict code` on every path. */
  say(connection: Connection, secret: Secret): Promise<string[]>;
  /** A TLS server that refuses by an alert. It reads the list once: started again, it has read it again. */
  strict(...more: string[]): Promise<{ readonly port: number; stop(): Promise<void> }>;
  stop(): Promise<void>;
};

export async function ground(names: readonly string[]): Promise<Ground> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-lab-x509-'));
  chmodSync(dir, 0o755);
  const ports = {
    nginx: await freePort(),
    any: await freePort(),
    rule: await freePort(),
    tickets: await freePort(),
    list: await freePort(),
  };
  const reload = join(dir, 'reload.sh');
  writeFileSync(reload, '#!/bin/sh\n', { mode: 0o755 });
  const ca = await startCa({ dir: join(dir, 'ca'), names, ocsp: true, afterPublish: reload });
  writeFileSync(join(dir, 'server.pem'), await ca.issue('localhost', { server: true }), { mode: 0o600 });
  const nginx = await startNginx({ dir: join(dir, 'nginx'), servers: servers(dir, ca, ports), ports: Object.values(ports) });
  writeFileSync(reload, `#!/bin/sh\n${nginx.reloadLine}\n`, { mode: 0o755 });

  const io: Io = {
    system: 'lab-ca',
    timeoutMs: 5000,
    signal: new AbortController().signal,
    now: () => new Date(),
    resolve: () => Promise.reject(new Error('no secret of its own')),
    path: (relative) => resolve(dir, relative),
  };
  const block = (more: object = {}): object => ({
    ca: './ca/ca.pem',
    list: { command: ['./ca/ca.sh', 'list'] },
    issue: { command: ['./ca/ca.sh', 'sign', '{name}', '{label}'], subject: { O: 'Lab' } },
    revoke: { command: ['./ca/ca.sh', 'revoke', '{serial}'] },
    publish: { command: ['./ca/ca.sh', 'publish'] },
    crl: { url: `http://127.0.0.1:${ports.list}/crl.pem` },
    ocsp: { url: ca.ocspUrl },
    servers: [{ host: '127.0.0.1', port: ports.nginx, ca: './ca/ca.pem', http: {} }],
    ...more,
  });
  return {
    dir,
    ca,
    nginx,
    ports,
    io,
    block,
    open: (more, ioMore = {}) => x509.open(config.parse(block(more)), { ...io, ...ioMore }),
    ref: (name) => ({ system: 'lab-ca', id: name, name }),
    say: async (connection, secret) => {
      const said: string[] = [];
      for (const where of await connection.probe.paths()) {
        const { verdict, code }: Probed = await connection.probe.attempt({ system: 'lab-ca', id: 'x', name: 'x' }, secret, where);
        said.push(`${where.path} ${verdict} ${code}`);
      }
      return said;
    },
    strict: async (...more) => {
      const port = await freePort();
      const server = await startServer({
        command: 'openssl',
        args: [
          ...[
            's_server',
            '-accept',
            `127.0.0.1:${port}`,
            '-cert',
            join(dir, 'server.pem'),
            '-key',
            join(dir, 'server.pem'),
            '-CAfile',
            ca.certificate,
          ],
          ...['-Verify', '2', '-verify_return_error', '-crl_check', '-CRL', ca.crl, '-quiet', '-WWW', ...more],
        ],
        log: join(dir, 'strict.log'),
        pidFile: join(dir, `strict-${port}.pid`),
      });
      await portOpen(port, 'openssl s_server');
      return { port, stop: () => server.stop() };
    },
    stop: async () => {
      await nginx.stop();
      await ca.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function servers(dir: string, ca: LabCa, ports: Ground['ports']): string {
  writeFileSync(join(dir, 'ticket.key'), randomBytes(80), { mode: 0o600 });
  const server = (port: number, lines: string): string => `
  server {
    listen 127.0.0.1:${port} ssl;
    ssl_certificate ${dir}/server.pem;
    ssl_certificate_key ${dir}/server.pem;
    ssl_client_certificate ${ca.certificate};
    ${lines}
  }`;
  const crl = `ssl_crl ${ca.crl};`;
  return [
    server(ports.nginx, `${crl} ssl_verify_client on; add_header X-Client-Verify $ssl_client_verify always;`),
    server(ports.any, 'ssl_verify_client off;'),
    server(ports.rule, `${crl} ssl_verify_client on; if ($ssl_client_s_dn ~ svc-guest) { return 403; }`),
    server(ports.tickets, `${crl} ssl_verify_client on; ssl_session_ticket_key ${dir}/ticket.key; ssl_session_cache shared:kept:1m;`),
    `server { listen 127.0.0.1:${ports.list}; root ${ca.dir}; }`,
  ].join('\n');
}

/** Seals as the engine does, and shows the test what was sealed. */
export function sealing(): { readonly sealer: Sealer; readonly sealed: { slot: string; text: string }[] } {
  const sealed: { slot: string; text: string }[] = [];
  return {
    sealed,
    sealer: {
      async seal(slot, bytes) {
        sealed.push({ slot, text: Buffer.from(bytes).toString('utf8') });
        return secretOf(slot, bytes);
      },
    },
  };
}

export function value<T>(outcome: Outcome<T>): T {
  if (outcome.kind !== 'done') throw new Error(`${outcome.kind}: ${outcome.fault.message}`);
  return outcome.value;
}

export const fileText = (...parts: string[]): string => readFileSync(join(...parts), 'utf8');
