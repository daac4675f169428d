// A private SMTP server (Debian's aiosmtpd): STARTTLS or TLS from the first byte, logins, and answers told to it by the recipient's name.
import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, portOpen, startServer } from './process.ts';
import { selfSigned } from './self-signed.ts';

const host = '127.0.0.1';

export type SmtpOptions = {
  readonly dir: string;
  readonly tls: 'implicit' | 'starttls' | 'none';
};
export type LabSmtp = {
  readonly host: string;
  readonly port: number;
  /** PEM file of the certificate it shows for localhost. */
  readonly ca: string;
  readonly user: string;
  readonly password: string;
  /** Each accepted message as it came, in order. */
  received(): readonly string[];
  stop(): Promise<void>;
};

/** `later@` is put off, `nobody@` is refused, `slow@` is never answered; all others are taken. */
const program = `
import asyncio, os, ssl, sys
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
folder, port, mode, user, password, cert, key = sys.argv[1:8]
context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
context.load_cert_chain(cert, key)
class Handler:
    count = 0
    async def handle_RCPT(self, server, session, envelope, address, options):
        if address.startswith('later@'): return '451 4.7.1 try again later'
        if address.startswith('nobody@'): return '550 5.1.1 there is no such mailbox'
        if address.startswith('slow@'): await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return '250 OK'
    async def handle_DATA(self, server, session, envelope):
        Handler.count += 1
        name = os.path.join(folder, '%06d.eml' % Handler.count)
        with open(name + '.part', 'wb') as f: f.write(envelope.content)
        os.rename(name + '.part', name)
        return '250 OK'
def authenticator(server, session, envelope, mechanism, data):
    return AuthResult(success=data.login.decode() == user and data.password.decode() == password, handled=False)
options = dict(authenticator=authenticator, auth_required=mode != 'none', auth_require_tls=mode == 'starttls')
if mode == 'starttls': options.update(tls_context=context, require_starttls=True)
class Server(Controller):
    def factory(self): return SMTP(self.handler, **options)
controller = Server(Handler(), hostname='127.0.0.1', port=int(port), ssl_context=context if mode == 'implicit' else None)
if mode == 'implicit': controller._trigger_server = lambda: None
controller.start()
asyncio.new_event_loop().run_forever()
`;

export async function startSmtp({ dir, tls }: SmtpOptions): Promise<LabSmtp> {
  const mail = join(dir, 'mail');
  mkdirSync(mail, { recursive: true });
  const at = (name: string): string => join(dir, name);
  const [user, password, port] = ['rekey', `lab-${randomBytes(12).toString('hex')}`, await freePort()];
  await selfSigned({ key: at('key.pem'), certificate: at('cert.pem') }, 'localhost', 'DNS:localhost');
  writeFileSync(at('server.py'), program);
  const server = await startServer({
    command: '/usr/bin/python3',
    args: [at('server.py'), mail, String(port), tls, user, password, at('cert.pem'), at('key.pem')],
    log: at('smtp.log'),
    pidFile: at('smtp.pid'),
    env: { PATH: '/usr/bin:/bin' },
  });
  await portOpen(port, 'aiosmtpd', 20_000, host);
  return {
    host,
    port,
    ca: at('cert.pem'),
    user,
    password,
    received: () =>
      readdirSync(mail)
        .filter((name) => name.endsWith('.eml'))
        .sort()
        .map((name) => readFileSync(join(mail, name), 'utf8')),
    stop: () => server.stop(),
  };
}
