import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sampleConnectors } from '../../test/harness/estate-connectors.ts';
import { Problem } from '../domain/problem.ts';
import { inspectEstate, parseEstate } from './parse.ts';

const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB0SpBV0bo0V0hLkGNRkNfqr2E8xLZlqYlq3lcYV0Gk1 alice@example.test';
const full = `
apiVersion: rekey/v1
estate: acme
store: { url: "postgres://rekey@db/rekey" }
keyring: { provider: file, path: .rekey/keyring }
approvals: { count: 1, tier0: 2, self: false }
approvers: [ { name: alice, key: "${key}" } ]
systems:
  - id: corp-ldap
    connector: ldap
    tier: 0
    owner: alice@example.test
    config: { url: "ldaps://ldap.example.test:636", ca: ./ca.pem, base: "dc=example,dc=test",
              bind: { dn: "cn=rekey,dc=example,dc=test", password: { env: CORP_LDAP_BIND } } }
    limits: { concurrency: 32, perSecond: 200 }
    password: { length: 24, classes: [lower, upper, digit], exclude: "'\\"\\\\" }
    canary: { account: uid=rekey-canary }
    paths:
      - { id: vpn, probe: radius, config: { host: vpn.example.test, secret: { env: RADIUS } } }
`;
const options = { file: '/srv/acme/rekey.yaml', connectors: sampleConnectors, env: {} };
const minimal = 'apiVersion: rekey/v1\nestate: acme\nsystems: []\n';

describe('an estate file', () => {
  test('with every setting becomes the estate it says', () => {
    const estate = parseEstate(full, options);
    expect(estate).toMatchObject({
      name: 'acme',
      folder: '/srv/acme',
      file: '/srv/acme/rekey.yaml',
      store: { url: 'postgres://rekey@db/rekey' },
      keyring: { provider: 'file', path: '/srv/acme/.rekey/keyring' },
      approvals: { count: 1, tier0: 2, handover: 2, self: false },
      approvers: [{ name: 'alice', key }],
    });
    expect(estate.systems[0]).toMatchObject({
      id: 'corp-ldap',
      tier: 0,
      owner: 'alice@example.test',
      config: { url: 'ldaps://ldap.example.test:636', bind: { password: { env: 'CORP_LDAP_BIND' } } },
      limits: { concurrency: 32, perSecond: 200 },
      password: { length: 24, classes: ['lower', 'upper', 'digit'], exclude: '\'"\\' },
      canary: { account: 'uid=rekey-canary' },
      paths: [{ id: 'vpn', probe: 'radius', config: { host: 'vpn.example.test', secret: { env: 'RADIUS' } } }],
    });
  });

  test('with nothing but systems gets the documented defaults', () => {
    expect(parseEstate(minimal, options)).toMatchObject({
      store: { dataDir: '/srv/acme/.rekey/store' },
      keyring: { provider: 'file', path: '/srv/acme/.rekey/keyring' },
      approvals: { count: 1, tier0: 2, handover: 2, self: false },
      approvers: [],
      systems: [],
    });
  });

  test('whose keys at the top stand empty reads as if they were left out', () => {
    expect(parseEstate(`${minimal}approvers:\nstore:\n`, options).approvers).toEqual([]);
  });

  test('gives way to REKEY_DATABASE_URL', () => {
    const env = { REKEY_DATABASE_URL: 'postgres://rekey:x@elsewhere/rekey' };
    expect(parseEstate(full, { ...options, env }).store).toEqual({ url: env.REKEY_DATABASE_URL });
  });

  test('shows unset variables, missing files and missing approvers as warnings with places, not as errors', () => {
    const text = full.replace('{ env: RADIUS }', '{ file: ./radius.secret }');
    const { warnings } = inspectEstate(text, options);
    expect(warnings.map((w) => `${w.place} ${w.message}`)).toEqual([
      'rekey.yaml:14:68 systems.0.config.bind.password: the environment variable CORP_LDAP_BIND is not set',
      'rekey.yaml:19:77 systems.0.paths.0.config.secret: the file ./radius.secret does not exist',
      'rekey.yaml:7:12 approvers: up to 2 approvals are asked for, but there is 1 approver',
    ]);
    expect(inspectEstate(full, { ...options, env: { CORP_LDAP_BIND: 'x', RADIUS: 'x' } }).warnings).toHaveLength(1);
  });
});

describe("a system's spec hash", () => {
  const hashOf = (text: string) => parseEstate(text, options).systems[0]?.specHash;
  test('stays when the block is only written differently', () => {
    const rewritten = full.replace(
      'limits: { concurrency: 32, perSecond: 200 }',
      'limits:\n      perSecond: 200 # calm\n      concurrency: 32',
    );
    expect(rewritten).not.toBe(full);
    expect(hashOf(rewritten)).toBe(hashOf(full));
    expect(hashOf(full)).toMatch(/^[0-9a-f]{64}$/);
  });
  test('changes with any value of the block, and with no value outside it', () => {
    expect(hashOf(full.replace('perSecond: 200', 'perSecond: 201'))).not.toBe(hashOf(full));
    expect(hashOf(full.replace('estate: acme', 'estate: other'))).toBe(hashOf(full));
  });
});

describe('whatever stands in the file', () => {
  const fragments = [
    ...full.split(/(?=[\n{}[\],:])/),
    '\t',
    '*a',
    '&a',
    '---',
    '"',
    "'",
    '!x',
    '? ',
    '- ',
    '\0',
    '__proto__: {x: 1}',
    '1e999',
    '.nan',
    '<<: *a',
    'null',
    '|\n  x',
  ];
  test('the answer is an estate or a problem with places and remedies, never a crash', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof({ arbitrary: fc.constantFrom(...fragments), weight: 4 }, { arbitrary: fc.string(), weight: 1 }), {
          maxLength: 60,
        }),
        (parts) => {
          expectSound(parts.join(''));
        },
      ),
      { numRuns: 400 },
    );
  });
  test('one cut or doubled piece of a good file is answered the same way', () => {
    fc.assert(
      fc.property(fc.nat(full.length), fc.nat(40), fc.constantFrom('', '[', '"', ': ', '\n', '\t', '{}'), (start, length, insert) => {
        expectSound(full.slice(0, start) + insert + full.slice(start + length));
      }),
      { numRuns: 400 },
    );
  });
});

function expectSound(text: string): void {
  try {
    parseEstate(text, options);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    expect(error.code).toBe('invalid-config');
    expect(error.details.length).toBeGreaterThan(0);
    for (const detail of error.details) {
      expect(detail.place).toMatch(/^rekey\.yaml:\d+:\d+$/);
      expect(detail.hint).toBeTruthy();
    }
  }
}
