// What doctor shows of one IMAP server without a login: reached, protected, and ready to look at a password.
import type { Check } from '../../kit/kit.ts';
import { isTlsCode, type Limits } from '../tcp/dial.ts';
import { Link } from './link.ts';
import { greeted } from './login.ts';
import type { ImapServer, ImapSettings } from './settings.ts';

export async function* checkServer(server: ImapServer, mechanism: ImapSettings['mechanism'], limits: Limits): AsyncGenerator<Check> {
  const { replica, tls } = server.at;
  const link = await Link.open(server, limits);
  if ('failed' in link) {
    yield unreached(replica, link.failed, tls !== undefined && isTlsCode(link.failed));
    return;
  }
  try {
    const ready = await greeted(link, server);
    if ('stop' in ready) {
      yield ready.stop === 'PREAUTH' ? preauth(replica) : unreached(replica, ready.stop, isStartTls(ready.stop));
      return;
    }
    yield { id: 'reach', verdict: 'ok', message: `${replica} answers` };
    const secured = tls === undefined ? 'no TLS: this machine only, or allowed by the estate file' : 'certificate verified';
    yield { id: 'tls', verdict: 'ok', message: `${replica}: ${secured}` };
    const plain = ready.capabilities.has('AUTH=PLAIN');
    const able = mechanism === 'plain' ? plain : !ready.capabilities.has('LOGINDISABLED') || (mechanism === 'auto' && plain);
    yield able
      ? { id: 'auth', verdict: 'ok', message: `${replica} takes passwords on this connection` }
      : {
          id: 'auth',
          verdict: 'fail',
          message: `${replica} takes no password on this connection`,
          next: 'Set tls or starttls: most servers want TLS first. Or set mechanism.',
        };
  } finally {
    link.end();
  }
}

const preauth = (replica: string): Check => ({
  id: 'auth',
  verdict: 'fail',
  message: `${replica} lets everybody who connects in without a login (PREAUTH)`,
  next: 'Connect to the port people use: on this one no password can be proved.',
});

/** EPROTO is also what another protocol's greeting is called. */
const isStartTls = (code: string): boolean => code === 'NO-STARTTLS' || code === 'INJECTED' || (code !== 'EPROTO' && isTlsCode(code));

function unreached(replica: string, code: string, tls: boolean): Check {
  return {
    id: tls ? 'tls' : 'reach',
    verdict: 'fail',
    message: `${replica}: ${tls ? 'no verified TLS connection' : 'does not answer as an IMAP server'} (${code})`,
    next: tls
      ? "Give the server's CA as tls.ca, and check starttls and the port."
      : 'Check host, port and firewall, and that the server runs.',
  };
}
