// Whether one controller can be reached, shows a certificate we trust, and takes Rekey's login: three failures that people mix up.
import type { Check } from '../../kit/kit.ts';
import { Link, LinkError } from '../../protocols/ldap/link.ts';
import type { Controller, Domain } from './domain.ts';
import { bindVerdict } from './outcomes.ts';

export async function connectChecks({ endpoint }: Controller, timeoutMs: number): Promise<readonly Check[]> {
  const place = `${endpoint.host}:${endpoint.port}`;
  const reached: Check = { id: 'reach', verdict: 'ok', message: `${place} answers.` };
  try {
    const link = await Link.open(endpoint, timeoutMs);
    link.close();
    return [reached, { id: 'tls', verdict: 'ok', message: `The certificate of ${place} is trusted.` }];
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    if (error.stage === 'tls') return [reached, tlsFailure(place, error)];
    const next = reachNext[error.code] ?? 'Check the host, the port and the firewall between Rekey and the controller.';
    return [{ id: 'reach', verdict: 'fail', message: `${place} cannot be reached (${error.code}).`, next }];
  }
}

const reachNext: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Nothing listens on that port: check the port (636), and that the controller has a certificate.',
  ENOTFOUND: 'The name does not resolve: check the host, and that this machine asks the DNS of the domain.',
  EAI_AGAIN: 'The name service did not answer: check DNS, then try again.',
  ETIMEDOUT: 'No answer at all: check the firewall between Rekey and the controller.',
};

/** Code of the TLS library → what is wrong, what to do. */
const tlsFailures: Readonly<Record<string, readonly [string, string]>> = {
  CERT_HAS_EXPIRED: ['is not valid any more', 'Renew the certificate of the controller.'],
  CERT_NOT_YET_VALID: ['is not valid yet', 'Correct the clock of this machine or of the controller.'],
  ERR_TLS_CERT_ALTNAME_INVALID: ['is for another name', 'Use the name on the certificate in controllers, or give it as servername.'],
};
const untrusted = [
  'is not signed by a CA Rekey trusts',
  'Set ca to the PEM file of the CA that signed the certificates of the controllers.',
] as const;

function tlsFailure(place: string, { code }: LinkError): Check {
  const [what, next] = tlsFailures[code] ?? untrusted;
  const isCertificate = /CERT|SIGN|ISSUER|LEAF/.test(code);
  if (isCertificate) return { id: 'tls', verdict: 'fail', message: `The certificate of ${place} ${what} (${code}).`, next };
  const message = `${place} does not complete TLS (${code}).`;
  return {
    id: 'tls',
    verdict: 'fail',
    message,
    next: 'Check that the port speaks TLS (ldaps is 636), and that the controller has a certificate.',
  };
}

/** Sub-code of a refused login → what happened. */
const logins: Readonly<Record<string, string>> = {
  '49/52e': 'the name or the password is wrong (52e)',
  '49/525': 'there is no such account (525)',
  '49/530': 'it may not log on at this hour (530)',
  '49/531': 'it may not log on from this machine (531)',
  '49/532': 'its password has expired (532)',
  '49/533': 'the account is disabled (533)',
  '49/701': 'the account has expired (701)',
  '49/773': 'its password must be changed first (773)',
  '49/775': 'the account is locked (775)',
};

export async function loginCheck(domain: Domain, controller: Controller): Promise<Check> {
  const { user } = domain.settings.bind;
  try {
    await controller.bound.link();
    return { id: 'auth', verdict: 'ok', message: `Logged in as ${user}.` };
  } catch (error) {
    if (!(error instanceof LinkError)) throw error;
    const fail = (why: string, next: string): Check => ({ id: 'auth', verdict: 'fail', message: `Login as ${user} failed: ${why}.`, next });
    if (error.code === 'no-password') return fail(`the password cannot be read (${error.message})`, 'Check where bind.password points.');
    if (error.code === 'empty') return fail('the password is empty', 'Put the password where bind.password points.');
    const { code } = bindVerdict({ code: Number(error.code), message: error.message });
    const why = logins[code];
    return why === undefined
      ? fail(`no clear answer (${error.code})`, 'See the security log of the controller for this logon.')
      : fail(why, 'Check bind.user, the account in the directory, and the value bind.password points at.');
  }
}
