// The hybrid lab asked from outside, with the tools of each system and none of ours: does this secret open this account, by every way in?
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Part } from '../../lab/hybrid/part.ts';

/** Way in → whether it let the secret in. A tool that fails for another reason than the secret throws. */
export type Doors = Readonly<Record<string, boolean>>;
type Ask = (part: Part, name: string, secret: string) => Promise<Doors>;
type Config<T> = T & { readonly [key: string]: unknown };

const config = <T>(part: Part): Config<T> => part.system.config as Config<T>; // the lab wrote the block it reads back here
const pathConfig = <T>(part: Part, id: string): T =>
  (part.system.paths as { id: string; config: T }[]).find((each) => each.id === id)?.config as T;

type Address = { readonly host: string; readonly port: number };

export const outside: Readonly<Record<string, Ask>> = {
  'corp-ad': async (part, name, secret) => {
    const { controllers, ca } = config<{ controllers: string[]; ca: string }>(part);
    const doors: Record<string, boolean> = {};
    for (const url of controllers) {
      const ip = new URL(url.replace('ldaps:', 'https:')).hostname;
      // Samba has no whoami: reading the root entry needs the bind, too.
      const search = ['-x', '-H', url, '-D', `${name}@LAB.TEST`, '-y', '@secret', '-s', 'base', '-b', '', '1.1'];
      doors[`ldapsearch ${ip}`] = await tool('ldapsearch', search, { secret, env: { LDAPTLS_CACERT: ca } }, /Invalid credentials/);
      doors[`kinit ${ip}`] = await tool(
        'kinit',
        [name],
        { secret, stdin: `${secret}\n`, krb: ip },
        /Password incorrect|Preauthentication failed/,
      );
      // Only NTLM: with a ticket it would prove what kinit has proved.
      const share = ['-m', 'SMB3', '--use-kerberos=off', '-A', '@login', `//${ip}/sysvol`, '-c', 'exit'];
      const login = `username=${name}\npassword=${secret}\ndomain=LAB\n`;
      doors[`smbclient ${ip}`] = await tool('smbclient', share, { secret, login }, /NT_STATUS_LOGON_FAILURE/);
    }
    return doors;
  },
  'corp-ldap': async (part, name, secret) => {
    const { url, base, ca } = config<{ url: string; base: string; ca: string }>(part);
    const dn = `${name},ou=${name.includes('svc') ? 'services' : 'people'},${base}`;
    const whoami = await tool(
      'ldapwhoami',
      ['-x', '-H', url, '-D', dn, '-y', '@secret'],
      { secret, env: { LDAPTLS_CACERT: ca } },
      /Invalid credentials/,
    );
    const [server] = pathConfig<{ servers: Address[] }>(part, 'vpn').servers as [Address];
    const packet = `User-Name = "${name.slice('uid='.length)}"\nUser-Password = "${secret}"\n`;
    const args = ['-x', `${server.host}:${server.port}`, 'auth', part.env.LAB_RADIUS as string];
    const vpn = await tool('radclient', args, { secret, stdin: packet }, /Received Access-Reject/);
    return { ldapwhoami: whoami, radclient: vpn };
  },
  'orders-db': async (part, name, secret) => {
    const { host, port } = config<Address>(part);
    const args = ['-h', host, '-p', String(port), '-U', name, '-w', '-Atqc', 'SELECT 1', 'postgres'];
    return { psql: await tool('psql', args, { secret, env: { PGPASSWORD: secret } }, /password authentication failed/) };
  },
  'shop-db': async (part, name, secret) => {
    const { host, port } = config<Address>(part);
    const args = ['--no-defaults', '--skip-ssl', '-h', host, '-P', String(port), '-u', name.split('@')[0] as string, '-e', 'SELECT 1'];
    return { mariadb: await tool('mariadb', args, { secret, env: { MYSQL_PWD: secret } }, /Access denied/) };
  },
  cache: async (part, name, secret) => {
    const { host, port } = config<Address>(part);
    const args = ['-h', host, '-p', String(port), '--no-auth-warning', '--user', name, 'PING'];
    return { 'redis-cli': await tool('redis-cli', args, { secret, env: { REDISCLI_AUTH: secret } }, /NOAUTH|WRONGPASS/, /PONG/) };
  },
  queues: async (part, name, secret) => {
    const { host, port } = config<Address>(part);
    const settings = `user = "${name}:${secret}"\nurl = "http://${host}:${port}/api/whoami"\n`;
    // A user without the management tag is told so, and only after its password was right.
    return { curl: await curl(settings, secret, /Not management user|"name"/, /Login failed/) };
  },
  'build-host': async (part, name, secret) => {
    const { host, port } = config<Address>(part);
    const known = ['StrictHostKeyChecking=no', 'UserKnownHostsFile=/dev/null', 'PubkeyAuthentication=no', 'NumberOfPasswordPrompts=1'];
    const args = [...known.flatMap((each) => ['-o', each]), '-p', String(port), `${name}@${host}`, 'echo in'];
    return { ssh: await tool('ssh', args, { secret, askpass: true }, /Permission denied/, /^in$/m) };
  },
  cloud: async (part, name, secret) => {
    const { url } = config<{ url: string }>(part);
    const user = { name, domain: { name: 'Default' }, password: secret };
    const body = JSON.stringify({ auth: { identity: { methods: ['password'], password: { user } } } });
    const settings = `header = "content-type: application/json"\nurl = "${url}/v3/auth/tokens"\ndata = ${JSON.stringify(body)}\n`;
    return { curl: await curl(settings, secret, /"token"/, /"code": ?401/) };
  },
  mail: async (part, name, secret) => {
    const [server] = config<{ imap: { hosts: Address[] } }>(part).imap.hosts as [Address];
    const settings = `user = "${name}:${secret}"\nurl = "imap://${server.host}:${server.port}/"\nlogin-options = "AUTH=PLAIN"\n`;
    return { curl: await curl(settings, secret, /LIST/, /Login denied|67/) };
  },
  staff: async (part, name, secret) => {
    const { tokenUrl, client } = pathConfig<{ tokenUrl: string; client: { id: string } }>(part, 'sign-on');
    const form = new URLSearchParams({ grant_type: 'password', username: name, password: secret });
    const settings = `user = "${client.id}:${part.env.LAB_ASKING}"\nurl = "${tokenUrl}"\ndata = "${form}"\n`;
    return { curl: await curl(settings, secret, /access_token/, /invalid_grant/) };
  },
  'sign-on': async (part, name, secret) => {
    const { issuer } = config<{ issuer: string }>(part);
    const settings = `user = "${name}:${secret}"\nurl = "${issuer}/token"\ndata = "grant_type=client_credentials"\n`;
    return { curl: await curl(settings, secret, /access_token/, /invalid_client/) };
  },
};

/** Its settings go by stdin: a command line is for everybody to read. */
const curl = (settings: string, secret: string, says: RegExp, refuses: RegExp): Promise<boolean> =>
  tool('curl', ['-sS', '-K', '-'], { secret, stdin: settings }, refuses, says);

type Given = {
  readonly secret: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly stdin?: string;
  /** Content of the file that `@login` stands for. */
  readonly login?: string;
  /** The KDC of LAB.TEST. */
  readonly krb?: string;
  /** ssh asks a program for the password. */
  readonly askpass?: boolean;
};

async function tool(command: string, args: readonly string[], given: Given, refuses: RegExp, says = /(?:)/): Promise<boolean> {
  const own = mkdtempSync(join(tmpdir(), 'rekey-outside-'));
  const file = (name: string, text: string, mode = 0o600): string => {
    writeFileSync(join(own, name), text, { mode });
    return join(own, name);
  };
  try {
    const places: Record<string, string> = { '@secret': file('secret', given.secret), '@login': file('login', given.login ?? '') };
    const env: Record<string, string> = { PATH: process.env.PATH ?? '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', HOME: own, ...given.env };
    if (given.krb !== undefined) {
      const lines = ['[libdefaults]', 'default_realm = LAB.TEST', 'dns_lookup_kdc = false', 'udp_preference_limit = 1'];
      env.KRB5_CONFIG = file('krb5.conf', [...lines, '[realms]', `LAB.TEST = {\n kdc = ${given.krb}\n}`, ''].join('\n'));
      env.KRB5CCNAME = `FILE:${join(own, 'cache')}`;
    }
    if (given.askpass === true) {
      env.SSH_ASKPASS = file('ask', `#!/bin/sh\ncat ${join(own, 'secret')}\n`, 0o700);
      chmodSync(env.SSH_ASKPASS, 0o700);
      env.SSH_ASKPASS_REQUIRE = 'force';
      env.DISPLAY = ':none';
    }
    return await new Promise<boolean>((resolve, reject) => {
      const child = execFile(
        command,
        args.map((arg) => places[arg] ?? arg),
        { env, timeout: 20_000 },
        (error, out, err) => {
          const text = `${out}\n${err}`;
          if (error === null && says.test(text) && !refuses.test(text)) resolve(true);
          else if (refuses.test(text)) resolve(false);
          else reject(new Error(`${command} neither opened nor refused: ${text.trim().slice(0, 400)}`));
        },
      );
      child.stdin?.on('error', () => {}); // a command that reads nothing has closed it
      child.stdin?.end(given.stdin ?? '');
    });
  } finally {
    rmSync(own, { recursive: true, force: true });
  }
}
