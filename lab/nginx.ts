// A private nginx: pages behind HTTP Basic whose password file is ours, and pages behind a client certificate checked against a revocation list.
import { execFile } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { portOpen, startServer } from './process.ts';

const exec = promisify(execFile);

export type NginxOptions = {
  /** Ours to fill; its worker reads it as another user when it is started by root. */
  readonly dir: string;
  /** The `server { … }` blocks. `{dir}` is the folder. */
  readonly servers: string;
  /** Ports that must listen before it counts as started. */
  readonly ports: readonly number[];
};
export type LabNginx = {
  readonly dir: string;
  readonly accessLog: string;
  readonly errorLog: string;
  /** Reads configuration, certificates and revocation lists anew; returns when new workers serve. */
  reload(): Promise<void>;
  /** Shell line that does the same from a script. */
  readonly reloadLine: string;
  stop(): Promise<void>;
};

export async function startNginx(options: NginxOptions): Promise<LabNginx> {
  const { dir } = options;
  mkdirSync(join(dir, 'www'), { recursive: true });
  chmodSync(dir, 0o755);
  writeFileSync(join(dir, 'www', 'index.html'), 'hello\n');
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, configuration(dir, options.servers.replaceAll('{dir}', dir)));
  const server = await startServer({
    command: '/usr/sbin/nginx',
    args: ['-p', dir, '-c', file, '-e', join(dir, 'error.log')],
    log: join(dir, 'out.log'),
    pidFile: join(dir, 'lab.pid'),
  });
  await Promise.all(options.ports.map((port) => portOpen(port, 'nginx')));
  // Returns when the old worker has stopped to take connections: until then it serves with the old list.
  const reloadLine = [
    `count() { grep -c 'gracefully shutting down' ${join(dir, 'error.log')} || true; }`,
    `before=$(count); kill -HUP ${server.pid}; n=0`,
    'while [ "$(count)" = "$before" ] && [ $n -lt 100 ]; do sleep 0.02; n=$((n + 1)); done',
  ].join('; ');
  return {
    dir,
    accessLog: join(dir, 'access.log'),
    errorLog: join(dir, 'error.log'),
    reloadLine,
    reload: async () => {
      await exec('/bin/sh', ['-c', reloadLine]);
    },
    stop: () => server.stop(),
  };
}

/** Lines of an auth_basic_user_file: salted SHA-1, one of the forms nginx reads without the system's crypt. */
export function htpasswdLine(user: string, password: string): string {
  const salt = randomBytes(8);
  const digest = createHash('sha1').update(password).update(salt).digest();
  return `${user}:{SSHA}${Buffer.concat([digest, salt]).toString('base64')}\n`;
}

const configuration = (dir: string, servers: string): string => `
daemon off;
pid ${dir}/nginx.pid;
error_log ${dir}/error.log notice;
worker_processes 1;
events { worker_connections 256; }
http {
  access_log ${dir}/access.log;
  client_body_temp_path ${dir}/t1;
  proxy_temp_path ${dir}/t2;
  fastcgi_temp_path ${dir}/t3;
  uwsgi_temp_path ${dir}/t4;
  scgi_temp_path ${dir}/t5;
  root ${dir}/www;
  ${servers}
}
`;
