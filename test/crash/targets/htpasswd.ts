// Users of one htpasswd file in front of a real nginx, whose page is the path that is proved.
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { htpasswdLine, startNginx } from '../../../lab/nginx.ts';
import { freePort } from '../../../lab/process.ts';
import { htpasswd } from '../../../src/connectors/htpasswd/htpasswd.ts';
import { httpLogin } from '../../../src/connectors/http-login/http-login.ts';
import { io, names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

export async function start(accounts: number): Promise<CrashTarget> {
  const dir = mkdtempSync(join(tmpdir(), 'rekey-crash-htpasswd-'));
  const file = join(dir, 'htpasswd');
  const users = names(accounts);
  const oldOf = (name: string): string => `0ld-of-${name}-7x`;
  const port = await freePort();
  writeFileSync(file, users.map((name) => htpasswdLine(name, oldOf(name))).join(''));
  chmodSync(file, 0o644);
  const nginx = await startNginx({
    dir,
    ports: [port],
    servers: `server { listen 127.0.0.1:${port}; auth_basic lab; auth_basic_user_file ${file}; }`,
  });
  return {
    accounts: users.map((name) => ({ ref: { id: name, name }, old: oldOf(name) })),
    open: async (reach) => {
      const { probe } = await httpLogin.open(httpLogin.config.parse({ kind: 'basic', url: `http://127.0.0.1:${port}/` }), io(reach));
      return { ...(await htpasswd.open(htpasswd.config.parse({ file }), io(reach))), probe };
    },
    accepts: async ({ ref }, text) => {
      const authorization = `Basic ${Buffer.from(`${ref.name}:${text}`).toString('base64')}`;
      return (await fetch(`http://127.0.0.1:${port}/`, { headers: { authorization } })).status === 200;
    },
    stop: async () => {
      await nginx.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
