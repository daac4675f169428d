// One real controller: what is no ordinary account is named for what it is, weaknesses are shown, and checks name their cause.
import { readFileSync } from 'node:fs';
import { Client } from 'ldapts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { LabSamba } from '../../lab/samba.ts';
import { tierZeroSecrets } from '../../src/connectors/active-directory/tier-zero.ts';
import type { Check, Found } from '../../src/kit/kit.ts';
import { accountsOf, adminDomain, doneOf, fresh, type Opened, openAd, refOf } from './active-directory-ground.ts';
import { type One, oneController } from './active-directory-one.ts';

let on: One;
let lab: LabSamba;
let ad: Opened;
let accounts: ReadonlyMap<string, Found>;
let url: string;

beforeAll(async () => {
  on = await oneController();
  ({ lab, ad, accounts, url } = on);
});
afterAll(() => on?.stop());

describe('what is not an ordinary account', () => {
  test('is classified and refused with what to do instead, never skipped in silence', async () => {
    const card = on.someone();
    await on.change(card.name, 'replace: userAccountControl\nuserAccountControl: 262656');
    await lab.add(`dn: CN=WS1,CN=Computers,${lab.base}\nobjectClass: computer\nsAMAccountName: WS1$\nuserAccountControl: 4096\n`);
    const all = await accountsOf(ad);
    for (const [name, principal] of [
      [card.name, 'smartcard-only'],
      ['WS1$', 'computer'],
      ['DC1$', 'domain-controller'],
      ['krbtgt', 'krbtgt'],
    ] as const) {
      const found = all.get(name);
      expect(found).toMatchObject({
        facts: { principal },
        byHand: { instruction: expect.stringMatching(/\w{2}/), mark: expect.any(String) },
      });
      expect(await ad.setSecret.set(refOf(all, name), fresh(16))).toMatchObject({
        kind: 'refused',
        fault: { code: 'unsupported', message: expect.stringContaining(found?.byHand?.instruction ?? 'no instruction') },
      });
    }
    expect(all.get('krbtgt')).toMatchObject({ privileged: true, facts: { tierZero: true } });
    expect(all.get(card.name)?.facts.smartcardOnly).toBe(true);
  });

  test('a protected account is out of reach of delegated rights, and the refusal says why', async () => {
    const administrator = refOf(accounts, 'Administrator');
    expect(accounts.get('Administrator')).toMatchObject({ privileged: true, facts: { protected: true } });
    const outcome = await ad.setSecret.set(administrator, fresh(17));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'permission', message: expect.stringContaining('AdminSDHolder') } });
  });

  test('Rekey’s own account is neither reset nor blocked', async () => {
    const own = refOf(accounts, 'rekey');
    expect(accounts.get('rekey')).toMatchObject({ privileged: true, facts: { own: true } });
    expect(await ad.setSecret.set(own, fresh(18))).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await ad.contain.block(own)).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
  });

  test('trusts, managed service accounts and the key of Seamless SSO are named for what they are', async () => {
    const managed = `CN=Managed Service Accounts,${lab.base}`;
    await lab.add(
      [
        `dn: CN=other.test,CN=System,${lab.base}\nobjectClass: trustedDomain\ntrustPartner: other.test\nflatName: OTHER\ntrustDirection: 3\ntrustType: 2\ntrustAttributes: 8\n`,
        `dn: CN=gweb,${managed}\nobjectClass: msDS-GroupManagedServiceAccount\nsAMAccountName: gweb$\nuserAccountControl: 4096\nmsDS-ManagedPasswordInterval: 30\n`,
        `dn: CN=sweb,${managed}\nobjectClass: msDS-ManagedServiceAccount\nsAMAccountName: sweb$\nuserAccountControl: 4096\n`,
        `dn: CN=AZUREADSSOACC,CN=Computers,${lab.base}\nobjectClass: computer\nsAMAccountName: AZUREADSSOACC$\nuserAccountControl: 4096\n`,
      ].join('\n'),
    );
    const all = await accountsOf(ad, 9);
    for (const [name, principal, tierZero] of [
      ['other.test', 'trust', true],
      ['gweb$', 'gmsa', undefined],
      ['sweb$', 'smsa', undefined],
      ['AZUREADSSOACC$', 'seamless-sso', true],
    ] as const) {
      expect(all.get(name)?.facts).toMatchObject({ principal, ...(tierZero && { tierZero }) });
      expect(await ad.setSecret.set(refOf(all, name), fresh(21))).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
    }
  });

  test('Tier-0 secrets that are no accounts are in the inventory: DSRM of each controller, KDS root keys, certificate authorities', async () => {
    const services = `CN=Services,CN=Configuration,${lab.base}`;
    const kds = `CN=Group Key Distribution Service,${services}`;
    const key = '11111111-2222-3333-4444-555555555555';
    const values = [
      `msKds-DomainID: CN=DC1,OU=Domain Controllers,${lab.base}`,
      `msKds-RootKeyData:: ${Buffer.alloc(64, 7).toString('base64')}`,
      'msKds-CreateTime: 133000000000000000\nmsKds-UseStartTime: 133000000000000000\nmsKds-Version: 1\nmsKds-KDFAlgorithmID: SP800_108_CTR_HMAC',
      'msKds-PrivateKeyLength: 512\nmsKds-PublicKeyLength: 2048\nmsKds-SecretAgreementAlgorithmID: DH',
    ];
    await lab.add(
      [
        `dn: CN=Lab Root CA,CN=Enrollment Services,CN=Public Key Services,${services}\nobjectClass: pKIEnrollmentService\n`,
        `dn: ${kds}\nobjectClass: container\n`,
        `dn: CN=Master Root Keys,${kds}\nobjectClass: container\n`,
        `dn: CN=${key},CN=Master Root Keys,${kds}\nobjectClass: msKds-ProvRootKey\n${values.join('\n')}\n`,
      ].join('\n'),
    );
    const all = [...(await accountsOf(ad, 5)).values()];
    const seen = all.filter(({ facts: each }) => each.tierZero === true).map(({ name }) => name);
    const delegated = ['dsrm:dc1.lab.test', 'certificate-authority:Lab Root CA', 'kds-root-key:not shown to this account'];
    expect(seen).toEqual(expect.arrayContaining(['krbtgt', 'DC1$', ...delegated]));
    const admin = adminDomain(lab);
    expect(doneOf(await tierZeroSecrets(admin)).map(({ name }) => name)).toContain(`kds-root-key:${key}`);
    admin.close();
    const dsrm = all.find(({ name }) => name === 'dsrm:dc1.lab.test') as Found;
    expect(await ad.setSecret.set({ system: 'lab', id: dsrm.id, name: dsrm.name }, fresh(19))).toMatchObject({
      kind: 'refused',
      fault: { code: 'unsupported' },
    });
  });
});

describe('the inventory', () => {
  test('tells services from people with its reasons, and names weaknesses, delegation and other ways in', async () => {
    const name = lab.names.service(1);
    // Normal, no pre-authentication, never expires, unconstrained and protocol transition.
    await on.change(
      name,
      'replace: userAccountControl\nuserAccountControl: 21561856\n-\nadd: msDS-AllowedToDelegateTo\nmsDS-AllowedToDelegateTo: cifs/x.lab.test\n-\nadd: altSecurityIdentities\naltSecurityIdentities: X509:<I>x<S>y',
    );
    const found = (await accountsOf(ad)).get(name) as Found;
    expect(found.kind).toBe('service');
    expect(found.facts).toMatchObject({
      servicePrincipalNames: [`HTTP/${name}.lab.test`],
      weak: ['no-preauthentication', 'password-never-expires', 'unconstrained-delegation', 'kerberoastable'],
      delegation: ['unconstrained', 'constrained', 'protocol-transition'],
      otherSecrets: ['altSecurityIdentities'],
      why: expect.arrayContaining(['service principal name +3', 'delegation +2']),
    });
    expect(accounts.get(lab.names.person(0))).toMatchObject({
      kind: 'human',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      facts: { objectSid: expect.stringMatching(/^S-1-5-21-/) },
    });
  });

  test('an account is found again after a rename and a move, and only it is reset', async () => {
    const account = on.someone();
    const client = new Client({ url, tlsOptions: { ca: [readFileSync(lab.ca)] } });
    await client.bind(lab.admin.user, lab.admin.password);
    await client.modifyDN(lab.dn(account.name), `CN=renamed,OU=Services,${lab.base}`);
    await client.unbind();
    doneOf(await ad.setSecret.set(account, fresh(20)));
    expect((await on.ldaps(ad, account, fresh(20))).verdict).toBe('accepted');
  });
});

describe('checks', () => {
  const failing = async (more: Record<string, unknown>, reach: Parameters<typeof openAd>[2] = {}) => {
    const opened = await openAd(lab, more, reach);
    const found: Check[] = [];
    for await (const check of opened.check.run()) if (check.verdict !== 'ok') found.push(check);
    await opened[Symbol.asyncDispose]();
    return found;
  };

  test.each([
    ['reach', 'unreachable', { controllers: ['ldaps://127.0.0.99'] }, {}],
    ['tls', 'a CA that did not sign', { ca: '/etc/ssl/certs/ca-certificates.crt' }, {}],
    ['tls', 'a name the certificate does not show', { servername: 'dc9.lab.test' }, {}],
    ['auth', 'a wrong password', {}, { password: 'Wrong-Password-1aA' }],
  ] as const)('%s: %s is told by its own name, with the next step', async (id, _what, more, reach) => {
    const [first, ...rest] = await failing(more, reach);
    expect(first).toMatchObject({ id, verdict: 'fail', next: expect.stringMatching(/\w/) });
    expect(rest).toEqual([]);
  });

  test('rights: an ordinary account is told that it may not reset, which flags it may not write, and nobody is changed', async () => {
    const name = on.someone().name;
    const before = await on.version(refOf(accounts, 'rekey-canary'));
    const found = await failing({}, { user: `${name}@lab.test`, password: lab.firstPassword(name) });
    expect(found.map(({ id }) => id)).toEqual(['rights', 'rights-userAccountControl', 'rights-lockoutTime', 'rights-pwdLastSet']);
    expect(await on.version(refOf(accounts, 'rekey-canary'))).toBe(before);
  });

  test('rights: protected accounts out of reach are a warning of their own, with the way out', async () => {
    const account = on.someone();
    const shown = await lab.tool('ldbsearch', [...lab.local(), '(sAMAccountName=rekey)', 'objectSid']);
    const sid = /S-1-5-21-[\d-]+/.exec(shown)?.[0];
    await on.change(account.name, 'replace: adminCount\nadminCount: 1');
    // What AdminSDHolder does within the hour, as far as Rekey's account is concerned.
    const sddl = `--sddl=(D;;CR;00299570-246d-11d0-a768-00aa006e0529;;${sid})`;
    await lab.tool('samba-tool', ['dsacl', 'set', ...lab.local(), '--action=deny', `--objectdn=${lab.dn(account.name)}`, sddl]);
    const warned = (await failing({})).find(({ id }) => id === 'rights-protected');
    expect(warned).toMatchObject({
      verdict: 'warn',
      message: expect.stringContaining('adminCount=1'),
      next: expect.stringContaining('Tier 0'),
    });
    const outcome = await ad.setSecret.set(account, fresh(24));
    expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'permission', message: expect.stringContaining('AdminSDHolder') } });
  });
});
