// What a CA publishes is believed only when it signed it: vectors made by openssl, one byte changed, another CA, a list about a part. And what its commands are given.
import { X509Certificate } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { identityIn } from '../../protocols/tls/pem.ts';
import { config, filled, isArgument } from './config.ts';
import { readCrl, staleness } from './crl.ts';
import { children, context, DerError, der, elementAt, integer, oid, sequence, serialText, tags, text, timeOf } from './der.ts';
import { fromIndex, fromJson } from './issued.ts';
import { selfMadeIdentity } from './nonsense.ts';
import { namesOf, ocspRequest, readOcsp } from './ocsp.ts';
import { certificateRequest, keyKinds, newKeyPair, signature, signed } from './request.ts';
import vectors from './vectors.json' with { type: 'json' };

const ca = new X509Certificate(vectors.ca);
const crl = Buffer.from(vectors.crl);
const crlBytes = Buffer.from(/-----[^-]+-----([^-]+)/.exec(vectors.crl)?.[1] ?? '', 'base64');
const now = new Date('2026-01-10T00:00:00Z');

describe('a revocation list', () => {
  test('of openssl is read with its dates and serial numbers, as PEM and as DER', () => {
    for (const bytes of [crl, crlBytes])
      expect(readCrl(bytes, ca)).toEqual({
        thisUpdate: new Date('2026-01-01T00:00:00Z'),
        nextUpdate: new Date('2026-02-01T00:00:00Z'),
        revoked: new Set([vectors.revoked]),
      });
  });

  test('with any one byte changed is not believed', () => {
    const believed: number[] = [];
    for (let at = 0; at < crlBytes.length; at++) {
      const altered = Buffer.from(crlBytes);
      altered[at] = (altered[at] as number) ^ 0x01;
      try {
        const { revoked } = readCrl(altered, ca);
        // The algorithm is named twice; the outer copy decides, and only what it covers is believed.
        if (!revoked.has(vectors.revoked)) believed.push(at);
      } catch (error) {
        expect(error, `byte ${at}`).toBeInstanceOf(DerError);
      }
    }
    expect(believed).toEqual([]);
  });

  test('cut off anywhere, or signed by another CA, is not believed', () => {
    for (let length = 0; length < crlBytes.length; length++) expect(() => readCrl(crlBytes.subarray(0, length), ca)).toThrow(DerError);
    const other = identityIn(selfMadeIdentity('ec-p256', namesOf(ca).subject, now));
    expect(() => readCrl(crl, other?.certificate ?? ca)).toThrow('not the one of the CA');
  });

  test.each(keyKinds)('signed with %s is read, and one about a part of the certificates (a critical extension) is not used', (kind) => {
    const made = identityIn(selfMadeIdentity(kind, sequence(), now));
    if (made === undefined) throw new Error('no identity');
    const list = (...more: Buffer[]): Buffer =>
      signed(
        sequence(
          integer(Uint8Array.of(1)),
          signature(made.key).algorithm,
          sequence(),
          text('20260101000000Z', tags.time),
          sequence(sequence(integer(Uint8Array.of(0, 0xab)), text('20260101000000Z', tags.time))),
          ...more,
        ),
        made.key,
      );
    expect(readCrl(list(), made.certificate)).toMatchObject({ nextUpdate: undefined, revoked: new Set(['AB']) });
    const extension = (critical: number): Buffer =>
      der(context(0), sequence(sequence(oid('2.5.29.28'), der(tags.boolean, Uint8Array.of(critical)), der(tags.octets, sequence()))));
    expect(readCrl(list(extension(0)), made.certificate).revoked.size).toBe(1);
    expect(() => readCrl(list(extension(0xff)), made.certificate)).toThrow('critical extension');
  });

  test('counts within its own dates, give or take five minutes', () => {
    const dates = { thisUpdate: new Date('2026-01-01T00:00:00Z'), nextUpdate: new Date('2026-02-01T00:00:00Z') };
    const at = (moment: string) => staleness(dates, new Date(moment));
    expect([at('2026-01-01T00:00:00Z'), at('2026-02-01T00:04:00Z')]).toEqual([undefined, undefined]);
    expect([at('2025-12-31T23:50:00Z'), at('2026-02-01T00:06:00Z')]).toEqual(['from-the-future', 'expired']);
  });
});

describe('an OCSP answer', () => {
  const revoked = Buffer.from(vectors.answerRevoked, 'base64');
  const good = Buffer.from(vectors.answerGood, 'base64');

  test('the question is byte for byte that of openssl', () => {
    expect(ocspRequest(ca, vectors.good).toString('base64')).toBe(vectors.requestGood);
  });
  test('of openssl is read: revoked and good', () => {
    expect(readOcsp(revoked, ca, vectors.revoked).status).toBe('revoked');
    expect(readOcsp(good, ca, vectors.good)).toMatchObject({ status: 'good', nextUpdate: expect.any(Date) });
  });
  test('about another certificate, by another CA, or a refusal says nothing', () => {
    expect(() => readOcsp(good, ca, vectors.revoked)).toThrow('about another certificate');
    const other = identityIn(selfMadeIdentity('ec-p256', namesOf(ca).subject, now));
    expect(() => readOcsp(good, other?.certificate ?? ca, vectors.good)).toThrow('did not name as its responder');
    expect(() => readOcsp(sequence(der(tags.enumerated, Uint8Array.of(6))), ca, vectors.good)).toThrow('refused to answer (6)');
  });
  test('"revoked" turned into "good" is not believed', () => {
    for (let at = 0; at < revoked.length; at++) {
      const altered = Buffer.from(revoked);
      altered[at] = (altered[at] as number) ^ 0x21;
      let status: string;
      try {
        status = readOcsp(altered, ca, vectors.revoked).status;
      } catch {
        status = 'nothing';
      }
      expect(['revoked', 'nothing'], `byte ${at}`).toContain(status);
    }
  });
});

describe('what is made here', () => {
  test.each(keyKinds)('%s: two requests never share a key, and a certificate of nonsense fits its own key only', (kind) => {
    const [one, two] = [newKeyPair(kind), newKeyPair(kind)];
    expect(certificateRequest(one, 'svc-a', {}, [])).not.toBe(certificateRequest(two, 'svc-a', {}, []));
    const made = identityIn(selfMadeIdentity(kind, namesOf(ca).subject, now));
    expect(made?.certificate.issuer).toBe(ca.subject);
    expect(made?.certificate.verify(ca.publicKey)).toBe(false);
  });
  test('numbers, identifiers and times are DER', () => {
    expect(integer(Uint8Array.of(0, 0, 0x80)).toString('hex')).toBe('02020080');
    expect(integer(Uint8Array.of(0)).toString('hex')).toBe('020100');
    expect(oid('1.2.840.113549.1.1.11').toString('hex')).toBe('06092a864886f70d01010b');
    expect(der(tags.octets, Buffer.alloc(300)).subarray(0, 4).toString('hex')).toBe('0482012c');
    expect(children(elementAt(sequence(integer(Uint8Array.of(5)), sequence())))).toHaveLength(2);
    expect(timeOf(elementAt(text('491231235959Z', tags.utcTime))).getUTCFullYear()).toBe(2049);
    expect(timeOf(elementAt(text('500101000000Z', tags.utcTime))).getUTCFullYear()).toBe(1950);
    for (const bad of ['0483', '3080', '04850000000001', '1f0100', '0402ff'])
      expect(() => elementAt(Buffer.from(bad, 'hex')), bad).toThrow(DerError);
    expect([serialText('00ab'), serialText('0'), serialText('0A')]).toEqual(['AB', '0', 'A']);
  });
});

describe("the CA's list", () => {
  test('an index of openssl: valid, revoked, both ways of writing a name, and a line that is none', () => {
    const line = (status: string, subject: string) => `${status}\t270101000000Z\t\t0A1B\tunknown\t${subject}`;
    expect(fromIndex(line('V', '/C=DE/O=Lab/CN=svc-a'))).toEqual({
      serial: 'A1B',
      name: 'svc-a',
      revoked: false,
      expiresAt: new Date('2027-01-01T00:00:00Z'),
      createdAt: undefined,
      label: undefined,
    });
    expect(fromIndex(line('R', 'CN = svc-a, O = Lab'))).toMatchObject({ name: 'svc-a', revoked: true });
    expect([fromIndex('V 1 2'), fromIndex(line('X', '/CN=a')), fromIndex(line('V', '/O=Lab'))]).toEqual([undefined, undefined, undefined]);
  });
  test('a line of a command: every field as it must be, or the list is not read', () => {
    const good = { serial: '0a', name: 'svc', revoked: false, label: 'rekey-1', expiresAt: '2027-01-01T00:00:00Z' };
    expect(fromJson(JSON.stringify(good))).toMatchObject({ serial: 'A', name: 'svc', label: 'rekey-1' });
    for (const bad of [{ serial: 'xyz' }, { name: '' }, { revoked: 'no' }, { serial: undefined }])
      expect(fromJson(JSON.stringify({ ...good, ...bad })), JSON.stringify(bad)).toBeUndefined();
    expect(fromJson('not json')).toBeUndefined();
  });
});

describe('commands', () => {
  test('get names as arguments of their own, never as options or lines', () => {
    expect(filled(['./ca.sh', 'sign', '{name}', '--label={label}'], { name: 'a b;rm', label: 'l' })).toEqual([
      './ca.sh',
      'sign',
      'a b;rm',
      '--label=l',
    ]);
    expect(['svc-a', 'a b', 'ü'].every(isArgument)).toBe(true);
    expect(['-rf', '--help', '', ' x', 'a\nb', 'a\u0000b'].some(isArgument)).toBe(false);
  });
  test('a description that names what a command does not get is refused at its place', () => {
    const block = {
      ca: 'ca.pem',
      list: { index: 'index.txt' },
      issue: { command: ['./ca.sh', '{name}'] },
      revoke: { command: ['./ca.sh', '{serial}'] },
      crl: { file: 'crl.pem' },
    };
    expect(config.safeParse(block).success).toBe(true);
    const places = (more: object) => config.safeParse({ ...block, ...more }).error?.issues.map(({ path }) => path.join('.'));
    expect(places({ issue: { command: ['./ca.sh', '{secret}'] } })).toEqual(['issue.command.1']);
    expect(places({ revoke: { command: ['{serial}'] } })).toEqual(['revoke.command.0']);
    expect(places({ crl: undefined })).toEqual(['crl']);
    expect(places({ list: {} })).toEqual(['list']);
  });
});
