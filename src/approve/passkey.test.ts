// An approval by passkey is good for one plan, one hash, one estate, one approver and one site, and not one byte of it can change.
import { generateKeyPairSync, sign } from 'node:crypto';
import { verifyAuthenticationResponse, verifyRegistrationResponse } from '@simplewebauthn/server';
import { beforeAll, describe, expect, it } from 'vitest';
import { memoryApprovals } from '../../test/harness/memory-approvals.ts';
import { refusal } from '../../test/harness/refusal.ts';
import { VirtualPasskey, type VirtualPasskeyOptions } from '../../test/harness/virtual-passkey.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { webCryptography } from '../cryptography/web.ts';
import { approvalStatus, assertApproved } from './approval-status.ts';
import { approve, approveByPasskey } from './approve.ts';
import { type Assertion, assertionText, challengeOf, parseAssertion, readAssertion } from './assertion.ts';
import { approvalMessage } from './message.ts';
import { passkeyLine } from './passkey-line.ts';
import type { EnrolledPasskey } from './port.ts';
import { signApproval } from './sign.ts';
import type { Subject } from './subject.ts';
import vectors from './vectors.json' with { type: 'json' };
import { approvalVerifier } from './verify-approval.ts';

const rpId = 'rekey.example.test';
const origin = `https://${rpId}`;
const plan: Subject = {
  kind: 'plan',
  id: 'P-7K3QX2MA',
  hash: 'a'.repeat(64),
  createdBy: 'dave',
  expiresAt: new Date('2026-11-22T00:00:00Z'),
  tier0: false,
};
const enrolledAt = new Date('2026-11-01T08:00:00Z');
const ed = vectors.keys.find((key) => key.name === 'ed25519')!;

type Key = { readonly device: VirtualPasskey; readonly enrolled: EnrolledPasskey };
async function key(options: Partial<VirtualPasskeyOptions> = {}): Promise<Key> {
  const device = new VirtualPasskey({ origin, ...options });
  const response = device.register({
    rp: { id: rpId, name: 'Rekey' },
    user: { id: 'YWxpY2U', name: 'alice', displayName: 'alice' },
    challenge: 'Y2hhbGxlbmdl',
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
  });
  const { registrationInfo } = await verifyRegistrationResponse({
    response,
    expectedChallenge: 'Y2hhbGxlbmdl',
    expectedOrigin: options.origin ?? origin,
    expectedRPID: rpId,
    requireUserVerification: false,
  });
  const publicKey = Buffer.from(registrationInfo?.credential.publicKey ?? []).toString('base64url');
  return { device, enrolled: { credential: device.id, publicKey, enrolledAt } };
}

async function signed({ device }: Pick<Key, 'device'>, approver: string, subject: Pick<Subject, 'id' | 'hash'> = plan, estate = 'acme') {
  const message = approvalMessage({ id: subject.id, hash: subject.hash, estate });
  const { response } = device.assert({
    challenge: await challengeOf(message, approver, nodeCryptography),
    rpId,
    userVerification: 'required',
  });
  const { authenticatorData, clientDataJSON, signature } = response;
  return { approver, authenticatorData, clientDataJSON, signature, credential: device.id, origin, rpId };
}

function setUp(members: Record<string, readonly EnrolledPasskey[]>, rules: { count?: number; tier0?: number; self?: boolean } = {}) {
  const approvals = memoryApprovals();
  const counters = new Map<string, number>();
  const estate = {
    name: 'acme',
    approvals: { count: 1, tier0: 2, handover: 2, self: false, ...rules },
    approvers: [{ name: 'alice', key: ed.public }],
  };
  const passkeys = {
    of: async (name: string) => members[name] ?? [],
    approvers: async () => Object.keys(members),
    used: async (credential: string, counter: number) => {
      const before = counters.get(credential) ?? 0;
      if (counter <= before && (counter > 0 || before > 0)) return false;
      counters.set(credential, counter);
      return true;
    },
  };
  return {
    rows: approvals.rows,
    refused: approvals.refused,
    deps: { estate, approvals, passkeys, now: () => new Date('2026-11-21T00:00:00Z') },
  };
}

let alice: Key;
let bob: Key;
beforeAll(async () => {
  [alice, bob] = [await key(), await key()];
});

describe('giving', () => {
  it('one assertion is one approval, stored with all that checks it without us', async () => {
    const { deps, rows } = setUp({ alice: [alice.enrolled] });
    const { status } = await approveByPasskey(deps, plan, await signed(alice, 'alice'));
    expect(status).toMatchObject({
      given: [{ name: 'alice', method: 'passkey', key: passkeyLine(alice.enrolled.publicKey), enrolledAt: enrolledAt.toISOString() }],
    });
    const [row] = rows.values();
    expect(Object.keys(parseAssertion(row?.signature ?? ''))).toEqual([
      'authenticatorData',
      'clientDataJSON',
      'credential',
      'enrolledAt',
      'origin',
      'rpId',
      'signature',
    ]);
    await expect(assertApproved(deps, plan)).resolves.toMatchObject({ needed: 1 });
  });
  it('the same assertion presented again changes nothing', async () => {
    const { deps, rows } = setUp({ alice: [alice.enrolled] });
    const answer = await signed(alice, 'alice');
    const first = (await approveByPasskey(deps, plan, answer)).stored;
    const later = { ...deps, now: () => new Date('2026-11-21T09:00:00Z') };
    const again = await approveByPasskey(later, plan, answer);
    expect(again.stored).toBe(first);
    expect([...rows.values()]).toEqual([first]);
    expect(again.status.given).toHaveLength(1);
  });
  it('a key and a passkey of the same person count once; two people make two', async () => {
    const { deps } = setUp({ alice: [alice.enrolled], bob: [bob.enrolled] }, { count: 2 });
    const ssh = signApproval(
      { id: plan.id, hash: plan.hash, estate: 'acme' },
      `-----BEGIN OPENSSH PRIVATE KEY-----\n${ed.privateBody}\n-----END OPENSSH PRIVATE KEY-----\n`,
      'id_test',
    );
    await approve(deps, plan, { approver: 'alice', signature: ssh });
    await approveByPasskey(deps, plan, await signed(alice, 'alice'));
    expect((await refusal(assertApproved(deps, plan))).message).toContain('1 of 2 approvals (alice); can approve: bob');
    await approveByPasskey(deps, plan, await signed(bob, 'bob'));
    expect((await assertApproved(deps, plan)).given.map(({ name, method }) => [name, method])).toEqual([
      ['alice', 'passkey'],
      ['bob', 'passkey'],
    ]);
  });
  it('one passkey under two names is one approver', async () => {
    const { deps } = setUp({ alice: [alice.enrolled], alias: [alice.enrolled] }, { count: 2 });
    await approveByPasskey(deps, plan, await signed(alice, 'alice'));
    const { status } = await approveByPasskey(deps, plan, await signed(alice, 'alias'));
    expect(status.given.map((given) => given.name)).toEqual(['alice']);
  });
  it('tier 0 takes two people', async () => {
    const { deps } = setUp({ alice: [alice.enrolled], bob: [bob.enrolled] });
    const tier0 = { ...plan, tier0: true };
    await approveByPasskey(deps, tier0, await signed(alice, 'alice'));
    expect((await refusal(assertApproved(deps, tier0))).message).toContain('1 of 2');
  });
});

describe('refused, with the reason, and nothing stored', () => {
  const cases: readonly [string, () => Promise<{ assertion: Parameters<typeof approveByPasskey>[2]; subject?: Subject }>, string][] = [
    [
      'the assertion of another plan',
      async () => ({ assertion: await signed(alice, 'alice', { ...plan, id: 'P-00000000' }) }),
      'something else',
    ],
    [
      'of the same plan with another hash',
      async () => ({ assertion: await signed(alice, 'alice', { ...plan, hash: 'b'.repeat(64) }) }),
      'something else',
    ],
    ['of another estate', async () => ({ assertion: await signed(alice, 'alice', plan, 'other') }), 'something else'],
    ['made for another approver', async () => ({ assertion: { ...(await signed(alice, 'bob')), approver: 'alice' } }), 'something else'],
    ['an unknown passkey', async () => ({ assertion: await signed(await key(), 'alice') }), 'not enrolled'],
    ["somebody else's passkey", async () => ({ assertion: await signed(bob, 'alice') }), 'not enrolled'],
    ['a name that may not approve', async () => ({ assertion: { ...(await signed(alice, 'mallory')) } }), 'may not approve'],
    [
      'another page',
      async () => ({ assertion: { ...(await signed(alice, 'alice')), origin: 'https://evil.example.test' } }),
      'another page',
    ],
    ['another site', async () => ({ assertion: { ...(await signed(alice, 'alice')), rpId: 'example.test' } }), 'another site'],
    [
      'a page that is none of the site',
      async () => ({ assertion: { ...(await signed(alice, 'alice')), rpId: 'other.test' } }),
      'no page of',
    ],
    [
      'the author of the plan',
      async () => ({ assertion: await signed(alice, 'alice'), subject: { ...plan, createdBy: 'alice' } }),
      'nobody approves',
    ],
    [
      'the author under a second name',
      async () => ({ assertion: await signed(alice, 'alice'), subject: { ...plan, createdBy: 'alias' } }),
      'nobody approves',
    ],
  ];
  it.each(cases)('%s', async (_, make, reason) => {
    const { deps, rows } = setUp({ alice: [alice.enrolled], bob: [bob.enrolled], alias: [alice.enrolled] });
    const { assertion, subject = plan } = await make();
    const problem = await refusal(approveByPasskey(deps, subject, assertion));
    expect(problem.code).toBe('not-permitted');
    expect(problem.message).toContain(reason);
    expect(problem.hint).toBeTruthy();
    expect(rows.size).toBe(0);
  });
  it('a passkey that checked nobody', async () => {
    const careless = await key({ verified: false });
    const { deps } = setUp({ alice: [careless.enrolled] });
    expect((await refusal(approveByPasskey(deps, plan, await signed(careless, 'alice')))).message).toContain('did not check who uses it');
  });
  it('an expired plan', async () => {
    const { deps, rows } = setUp({ alice: [alice.enrolled] });
    const old = { ...plan, expiresAt: new Date('2026-11-20T00:00:00Z') };
    expect((await refusal(approveByPasskey(deps, old, await signed(alice, 'alice')))).code).toBe('plan-stale');
    expect(rows.size).toBe(0);
  });
  it('a counter that did not go up', async () => {
    const own = await key();
    const { deps } = setUp({ alice: [own.enrolled] });
    await approveByPasskey(deps, plan, await signed(own, 'alice'));
    own.device.counter = 0;
    const second = { ...plan, id: 'P-00000002' };
    expect((await refusal(approveByPasskey(deps, second, await signed(own, 'alice', second)))).message).toContain('copy');
  });
  it('whoever refused the plan, until they take that back', async () => {
    const { deps, refused } = setUp({ alice: [alice.enrolled] });
    const answer = await signed(alice, 'alice');
    await approveByPasskey(deps, plan, answer);
    refused.push({ by: 'alice', reason: 'too wide', at: new Date() });
    expect((await refusal(approveByPasskey(deps, plan, answer))).code).toBe('conflict');
    expect((await refusal(assertApproved(deps, plan))).message).toContain('too wide');
  });
});

describe('stored, it stops counting', () => {
  it('when the passkey is withdrawn or the member loses the right', async () => {
    const members: Record<string, readonly EnrolledPasskey[]> = { alice: [alice.enrolled] };
    const { deps } = setUp(members);
    await approveByPasskey(deps, plan, await signed(alice, 'alice'));
    members.alice = [];
    expect((await approvalStatus(deps, plan)).given).toEqual([]);
  });
  it('when the plan’s hash changes, or the row is not written as it is stored', async () => {
    const { deps, rows } = setUp({ alice: [alice.enrolled] });
    await approveByPasskey(deps, plan, await signed(alice, 'alice'));
    expect((await approvalStatus(deps, { ...plan, hash: 'c'.repeat(64) })).given).toEqual([]);
    for (const [key, row] of rows) rows.set(key, { ...row, signature: ` ${row.signature}` });
    expect((await approvalStatus(deps, plan)).void[0]?.why).toContain('altered');
  });
});

describe('offline', () => {
  const message = approvalMessage({ id: plan.id, hash: plan.hash, estate: 'acme' });
  let assertion: Assertion;
  beforeAll(async () => {
    const { approver: _, ...answer } = await signed(alice, 'alice');
    assertion = { ...answer, enrolledAt: enrolledAt.toISOString() };
  });
  const holds = async (changed: Assertion, publicKey = passkeyLine(alice.enrolled.publicKey), approver = 'alice', over = message) => {
    const approval = { approver, method: 'passkey', publicKey, signature: assertionText(changed), message: over };
    const said = await approvalVerifier(nodeCryptography)(approval);
    expect(await approvalVerifier(webCryptography)(approval), 'a browser says the same').toBe(said);
    return said;
  };

  it('it holds, in Node and with WebCrypto, and another implementation agrees', async () => {
    expect(await holds(assertion)).toBe(true);
    const { verified } = await verifyAuthenticationResponse({
      response: {
        id: assertion.credential,
        rawId: assertion.credential,
        type: 'public-key',
        clientExtensionResults: {},
        response: assertion,
      },
      expectedChallenge: await challengeOf(message, 'alice', nodeCryptography),
      expectedOrigin: origin,
      expectedRPID: rpId,
      requireUserVerification: true,
      credential: { id: assertion.credential, publicKey: Buffer.from(alice.enrolled.publicKey, 'base64url'), counter: 0 },
    });
    expect(verified).toBe(true);
  });
  it('every byte of the client data, the authenticator data, the signature and the public key counts', async () => {
    for (const part of ['clientDataJSON', 'authenticatorData', 'signature'] as const) {
      const bytes = Buffer.from(assertion[part], 'base64url');
      for (let i = 0; i < bytes.length; i += 1) {
        const changed = Buffer.from(bytes);
        changed[i] = (changed[i] ?? 0) ^ (1 << (i % 8));
        expect(await holds({ ...assertion, [part]: changed.toString('base64url') }), `${part} at ${i}`).toBe(false);
      }
      expect(await holds({ ...assertion, [part]: bytes.subarray(0, -1).toString('base64url') }), `${part} cut`).toBe(false);
      expect(await holds({ ...assertion, [part]: Buffer.concat([bytes, Buffer.alloc(1)]).toString('base64url') }), `${part} longer`).toBe(
        false,
      );
    }
    const line = passkeyLine(alice.enrolled.publicKey);
    for (let i = 0; i < line.length; i += 1)
      expect(
        await holds(assertion, line.slice(0, i) + String.fromCharCode(line.charCodeAt(i) ^ 1) + line.slice(i + 1)),
        `key at ${i}`,
      ).toBe(false);
  }, 60_000);
  it('every character of origin and site counts', async () => {
    for (const part of ['origin', 'rpId'] as const)
      for (let i = 0; i < assertion[part].length; i += 1) {
        const text = assertion[part];
        const changed = text.slice(0, i) + String.fromCharCode(text.charCodeAt(i) ^ 1) + text.slice(i + 1);
        expect(await holds({ ...assertion, [part]: changed }), `${part} at ${i}`).toBe(false);
      }
  });
  it('it is no approval of another message, by another approver, under another key or method', async () => {
    expect(await holds(assertion, undefined, 'bob')).toBe(false);
    expect(await holds(assertion, undefined, 'alice', approvalMessage({ id: 'P-00000000', hash: plan.hash, estate: 'acme' }))).toBe(false);
    expect(await holds(assertion, passkeyLine(bob.enrolled.publicKey))).toBe(false);
    const wrong = {
      approver: 'alice',
      method: 'ssh',
      publicKey: passkeyLine(alice.enrolled.publicKey),
      signature: assertionText(assertion),
      message,
    };
    expect(await approvalVerifier(nodeCryptography)(wrong)).toBe(false);
  });
  it('the store of a member tells of another page only if it is rewritten whole, and then the signature fails', async () => {
    const clientData = JSON.parse(Buffer.from(assertion.clientDataJSON, 'base64url').toString('utf8'));
    const evil = Buffer.from(JSON.stringify({ ...clientData, origin: 'https://evil.test' })).toString('base64url');
    expect(await holds({ ...assertion, clientDataJSON: evil, origin: 'https://evil.test' })).toBe(false);
  });
  it('a page inside a frame of another site is refused', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ed25519');
    const x = Buffer.from(publicKey.export({ format: 'jwk' }).x ?? '', 'base64url');
    const cose = Buffer.concat([Buffer.from([0xa4, 0x01, 0x01, 0x03, 0x27, 0x20, 0x06, 0x21, 0x58, 0x20]), x]).toString('base64url');
    const made = async (more: object): Promise<number | string> => {
      const said = { type: 'webauthn.get', challenge: await challengeOf(message, 'alice', nodeCryptography), origin, ...more };
      const clientData = Buffer.from(JSON.stringify(said));
      const data = Buffer.from(assertion.authenticatorData, 'base64url');
      const signature = sign(null, Buffer.concat([data, nodeCryptography.sha256(clientData)]), privateKey);
      const own = { ...assertion, clientDataJSON: clientData.toString('base64url'), signature: signature.toString('base64url') };
      return readAssertion(own, { message, approver: 'alice', publicKey: cose }, nodeCryptography).catch((error: Error) => error.message);
    };
    expect(await made({})).toBeTypeOf('number');
    expect(await made({ crossOrigin: true })).toContain('frame');
    expect(await made({ topOrigin: 'https://evil.test' })).toContain('frame');
    expect(await made({ type: 'webauthn.create' })).toContain('no answer');
  });
});
