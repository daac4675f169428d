import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { sampleConnectors } from '../../test/harness/estate-connectors.ts';
import { Problem } from '../domain/problem.ts';
import { parseEstate } from './parse.ts';

const folder = fileURLToPath(new URL('../../test/cli/bad-input/estate/', import.meta.url));

/** file → every finding: line:column, what it says, what it tells to do. */
const table: Readonly<Record<string, readonly (readonly [place: string, says: string, remedy: string])[]>> = {
  'alias-bomb': [['4:8', 'aliases are used more than 100 times', 'write the values out']],
  'alias-without-anchor': [['4:5', '*ldap names no anchor', 'write &ldap before']],
  'approver-key-cut': [['4:25', 'approvers.0.key: the key is cut', '.pub file']],
  'approver-private-key': [['5:10', 'approvers.0.key: is a private key', 'treat this private key as exposed']],
  'approver-same-key-twice': [['5:23', 'approvers.1.key: is the same key as approvers.0', 'a key of their own']],
  'canary-without-capability': [['7:5', 'systems.0.canary: a file system cannot have a canary', 'remove "canary"']],
  'colon-in-text': [['7:12', 'a second "key:" stands on one line', 'quote the text']],
  'concurrency-many': [['8:20', 'systems.0.limits.concurrency: expected a positive integer, got "many"', 'write a positive integer']],
  'connector-config': [['6:44', 'systems.0.config.accounts.people: expected a number, got a text', 'write a number']],
  'connector-config-missing-key': [['6:13', 'systems.0.config.seed: is missing', 'add "seed:"']],
  'connector-config-sentence': [['7:12', 'systems.0.config.url: write an ldap:// or ldaps:// address', 'documentation']],
  'connector-config-unknown-key': [['6:38', 'systems.0.config.latencyms: unknown key', 'did you mean "latencyMs"?']],
  'custom-tag': [['3:10', 'a tag (!something) is used', 'remove the tag']],
  'delivery-and-workloads': [
    ['3:21', 'delivery.window: expected a time from 5m to 30d, such as 72h, got "3 days"', 'write a time'],
    ['3:39', 'delivery.reReveal: expected a time from 1m to 60m', 'write a time'],
    ['3:52', 'delivery.perHour: expected a whole number from 1 to 100000', 'write a whole number'],
    ['7:5', 'workloads.0: says no way to prove who it is', 'an issuer with audience and claims, or a certificate'],
    ['8:5', 'workloads.1: any token of this issuer would do', 'add "claims:"'],
    ['8:11', 'workloads.1.id: "ci" is also the id of workloads.0', 'an id of its own'],
    ['8:23', 'workloads.1.issuer: expected an https address', 'plain http could be anybody'],
    ['8:98', 'workloads.1.may.0: there is no system "order-db"', 'did you mean "orders-db"?'],
    ['8:112', 'workloads.1.may.1: expected SYSTEM/ACCOUNT', 'for example "orders-db/app"'],
    ['9:5', 'workloads.2: any certificate of this authority would do', 'add "san:" or "subject:"'],
    ['9:62', 'workloads.2.algorithms.0: expected RS256', 'RS256'],
  ],
  'delivery-help-block': [
    ['3:13', 'delivery.windows: unknown key', 'did you mean "window"?'],
    ['3:33', 'delivery.help: expected a text, got a block of keys', 'write a text'],
  ],
  'duplicate-key': [['8:5', 'tier: stands here for the second time', 'keep one of the two']],
  'duplicate-system-id': [['7:9', 'systems.1.id: "corp-ldap" is also the id of systems.0', 'an id of its own']],
  empty: [['1:1', 'expected keys such as "apiVersion:"', 'rekey init']],
  'estate-name-not-kebab': [['2:9', 'estate: expected a name in lower case, digits and single hyphens, got "Acme Corp"', 'lower case']],
  'inline-canary-secret': [
    ['7:46', 'systems.0.canary.secret: expected where the secret lives, got the secret itself', '{env: CANARY_SECRET}'],
  ],
  'inline-secret': [
    ['8:41', 'systems.0.config.bind.password: expected where the secret lives, got the secret itself', '{env: BIND_PASSWORD}'],
  ],
  'keyring-env-without-variable': [['3:10', 'keyring.variable: is missing', 'add "variable: REKEY_KEY"']],
  'keyring-unknown-provider': [['3:22', 'keyring.provider: expected file or env, got "fil"', 'did you mean "file"?']],
  'latin-1': [['7:13', 'bytes that are not UTF-8', 'UTF-8']],
  'missing-api-version': [['1:1', 'apiVersion: is missing, expected rekey/v1', 'add "apiVersion:"']],
  'more-approvals-than-approvers': [['3:21', 'approvals.count: asks for 2 approvals, but there is only 1', 'add approvers']],
  'nested-brackets': [['3:74', 'nested more than 64 levels', 'remove the extra brackets']],
  'not-a-mapping': [['1:1', 'expected keys such as "apiVersion:"', 'rekey init']],
  'notify-employees': [
    ['7:14', 'notify.employees: mails nobody: there is no mail server', 'smtp'],
    ['7:14', 'notify.employees: has no address to send people to', 'publicUrl'],
  ],
  'notify-in-the-clear': [
    ['6:9', 'notify.smtp: user and password go together', 'give both'],
    ['6:41', 'notify.smtp.tls: would send mail to another machine in the clear', 'starttls'],
    ['8:7', 'notify.webhooks.0: has no signing secret', 'secret:'],
    ['8:24', 'notify.webhooks.0.url: would be called in the clear', 'https://'],
    ['11:28', 'notify.people.0.mail: is not a mail address', 'name@example.test'],
    ['12:29', 'notify.people.1.channel: there is no chat webhook "rom"', 'did you mean "room"?'],
  ],
  'notify-inline-secret': [
    ['6:51', 'notify.smtp.password: expected where the secret lives, got the secret itself', 'NOTIFY_SMTP_PASSWORD'],
    ['7:18', 'notify.digestMinutes: expected minutes from 0 to 1440, got "often"', 'minutes'],
    ['8:23', 'notify.quietHours.from: expected a time such as 22:00, got "22"', '22:00'],
  ],
  'nul-byte': [['4:3', 'a NUL character', 'plain UTF-8 text']],
  'password-class-excluded': [['7:46', 'systems.0.password.classes.1: every digit character is excluded', 'shorten "exclude"']],
  'password-in-store-url': [['3:15', 'store.url: the URL holds a password', 'PGPASSWORD']],
  'password-unknown-class': [
    ['7:34', 'systems.0.password.classes.1: expected one of lower, upper, digit, symbol, got "digits"', 'did you mean "digit"?'],
  ],
  'path-duplicate-id': [['9:15', 'systems.0.paths.1.id: "vpn" is also the id of path 0', 'an id of its own']],
  'path-unknown-probe': [['8:27', 'systems.0.paths.0.probe: there is no connector "ldpa"', 'did you mean "ldap"?']],
  'people-unknown-attribute': [
    ['3:19', 'people.match.0: expected one of employeeId, identity, mail, upn, login, got "email"', 'did you mean "mail"?'],
  ],
  'playbook-parameters': [
    ['7:23', 'playbooks.0.where: $account is not among the parameters', 'add account'],
    ['7:116', 'playbooks.0.preApproved.by.0: there is no approver "alise"', 'did you mean "alice"?'],
    ['8:23', 'playbooks.1.where: $account stands after ~', 'must not widen the scope'],
    ['9:11', 'playbooks.2.id: "two" is also the id', 'an id of its own'],
    ['9:65', 'playbooks.2.parameters.0: system is not used', 'write $system there'],
  ],
  'playbook-shape': [
    ['5:5', 'playbooks.0.reason: is missing, expected a reason', 'add "reason:"'],
    ['5:11', 'playbooks.0.id: expected an id in lower case, digits and single hyphens, got "One"', 'lower case'],
    ['5:35', 'playbooks.0.cap.systems: is missing, expected a number of systems', 'add "systems:"'],
    ['5:50', 'playbooks.0.cap.credentials: expected a number of credentials, got a text', 'write a number'],
    ['5:68', 'playbooks.0.cooldown: expected a time such as 15m, got "15 minutes"', 'such as 15m'],
    ['5:86', 'playbooks.0.mode: expected contain or continuity, got "stop"', 'known here: contain, continuity'],
    ['5:105', 'playbooks.0.parameters.0: expected one of account, system, identity, got "person"', 'known here: account'],
    ['5:105', 'playbooks.0.parameters.0: person is not used in "where"', 'write $person there'],
  ],
  'quoted-number': [['7:28', 'systems.0.limits.concurrency: expected a positive integer, got "32"', 'without quotes']],
  'reserved-character': [['7:12', 'a text starts with a character that YAML keeps for itself', 'into quotes']],
  'secret-missing': [['6:42', 'systems.0.config.bind.password: is missing, expected where the secret lives', '{env: VARIABLE}']],
  'secret-ref-unknown-key': [
    ['8:41', 'systems.0.config.bind.password: expected where the secret lives, got a block of keys', '{env: VARIABLE}'],
  ],
  'sign-in-inline-secret': [
    ['4:77', 'signIn.oidc.clientSecret: expected where the secret lives, got the secret itself', '{env: SIGN_IN_OIDC_CLIENT_SECRET}'],
  ],
  'sign-in-oidc': [
    ['5:13', 'signIn.oidc.issuer: expected an https address (http on this machine only), got "http://id.example.test"', 'https'],
    ['6:15', 'signIn.oidc.clientId: expected a client id, got ""', 'write a client id'],
    ['7:13', 'signIn.oidc.scopes: expected a list of scopes, got "profile email"', 'write a list'],
    ['8:45', 'signIn.oidc.roles.map.admins.0: expected one of viewer, operator', 'known here: administrator'],
    ['8:58', 'signIn.oidc.roles.map.ops: expected a list of roles, got "operator"', 'write a list'],
  ],
  'sign-in-other-domain': [
    [
      '6:11',
      'signIn.passkeys.rpId: expected the host name of the origin, or a domain above it, got "example.com"',
      'host name of the origin',
    ],
  ],
  'sign-in-passkeys': [
    [
      '4:23',
      'signIn.passkeys.origin: expected the address people type, such as https://rekey.example.test, without a path',
      'without a path',
    ],
    ['4:61', 'signIn.passkeys.rpID: unknown key', 'did you mean "rpId"?'],
  ],
  'store-url-mysql': [['3:15', 'store.url: expected postgres://', 'PostgreSQL']],
  'sync-system-twice': [
    ['5:13', 'sync.1.name: "office" is also the name of an earlier group', 'a name of its own'],
    ['5:31', 'sync.1.systems.0: corp-db stands in office already', 'leave it in one group, once'],
    ['5:40', 'sync.1.systems.1: corp-ldap stands in office already', 'leave it in one group, once'],
  ],
  'sync-unknown-system': [
    ['3:36', 'people.systems.0: there is no system "corp-ldpa" with accounts', 'did you mean "corp-ldap"?'],
    ['6:26', 'sync.0.systems.1: there is no system "corp-db" with accounts', 'known here: corp-ldap'],
  ],
  'system-id-not-kebab': [['4:9', 'systems.0.id: expected an id in lower case, digits and single hyphens, got "Corp_LDAP"', 'lower case']],
  'template-not-filled': [['2:10', 'a key is a list or a block', 'templates such as {{ name }} are not filled in']],
  'tab-indent': [['4:1', 'a tab is used to indent', 'by spaces']],
  'three-errors': [
    ['5:16', 'systems.0.connector: there is no connector "ldpa"', 'did you mean "ldap"?'],
    ['6:28', 'systems.0.limits.concurrency: expected a positive integer, got 0', 'positive integer'],
    ['7:9', 'systems.1.id: expected an id in lower case, digits and single hyphens, got "Vpn"', 'lower case'],
  ],
  'tier-out-of-range': [['7:11', 'systems.0.tier: expected a tier from 0 to 3, got 4', 'from 0 to 3']],
  'two-documents': [['4:1', 'a second document starts here', 'remove the line "---"']],
  'unclosed-bracket': [['3:10', 'a bracket is opened here and never closed', 'close the bracket']],
  'unclosed-quote': [['3:15', 'a quote is opened here and never closed', 'close the quote']],
  'unknown-connector': [['5:16', 'systems.0.connector: there is no connector "twinn"', 'did you mean "twin"?']],
  'unknown-key': [['3:1', 'sistems: unknown key', 'did you mean "systems"?']],
  'unknown-system-key': [['7:5', 'systems.0.limit: unknown key', 'did you mean "limits"?']],
  'variable-not-expanded': [['8:41', 'systems.0.config.bind.password: variables are not expanded', '{env: CORP_LDAP_BIND}']],
  'wrong-api-version': [['1:13', 'apiVersion: expected rekey/v1, got "rekey/v2"', 'rekey/v1']],
};

describe('a malformed estate file is refused with the exact place of every error and a remedy', () => {
  test('every file of the folder is in the table', () => {
    expect(readdirSync(folder).sort()).toEqual(
      Object.keys(table)
        .map((name) => `${name}.yaml`)
        .sort(),
    );
  });

  test.each(Object.entries(table))('%s', (name, expected) => {
    const file = `${folder}${name}.yaml`;
    const problem = refusal(readFileSync(file, 'utf8'), file);
    expect(problem.code).toBe('invalid-config');
    expect(problem.details.map((d) => d.place)).toEqual(expected.map(([place]) => `${name}.yaml:${place}`));
    for (const [n, [, says, remedy]] of expected.entries()) {
      expect(problem.details[n]?.message).toContain(says);
      expect(problem.details[n]?.hint).toContain(remedy);
    }
    expect(JSON.stringify([problem.message, problem.hint, problem.details])).not.toContain('hunter2');
  });
});

function refusal(text: string, file: string): Problem {
  try {
    parseEstate(text, { file, connectors: sampleConnectors, env: {} });
  } catch (error) {
    if (error instanceof Problem) return error;
    throw error;
  }
  throw new Error(`${file} was accepted`);
}
