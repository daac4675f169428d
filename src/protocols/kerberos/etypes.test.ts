// The published vectors: RFC 3961 A.1 (n-fold), RFC 3962 B (string-to-key), MIT's known answers (AES-SHA1), RFC 8009 A.
import { describe, expect, test } from 'vitest';
import { decrypt, encrypt, stringToKey } from './etypes.ts';
import { nfold } from './nfold.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const athena = Buffer.from('ATHENA.MIT.EDUraeburn');

describe('n-fold', () => {
  for (const [input, size, output] of [
    ['012345', 8, 'be072631276b1955'],
    ['password', 7, '78a07b6caf85fa'],
    ['Rough Consensus, and Running Code', 8, 'bb6ed30870b7f0e0'],
    ['password', 21, '59e4a8ca7c0385c3c37b3f6d2000247cb6e6bd5b3e'],
    ['MASSACHVSETTS INSTITVTE OF TECHNOLOGY', 24, 'db3b0d8f0b061e603282b308a50841229ad798fab9540c1b'],
    ['Q', 21, '518a54a215a8452a518a54a215a8452a518a54a215'],
    ['ba', 21, 'fb25d531ae8974499f52fd92ea9857c4ba24cf297e'],
    ['kerberos', 16, '6b65726265726f737b9b5b2b93132b93'],
  ] as const)
    test(`${input} to ${size * 8} bits`, () => expect(nfold(Buffer.from(input), size).toString('hex')).toBe(output));
});

describe('string to key', () => {
  const salt8009 = Buffer.concat([hex('10DF9DD783E5BC8ACEA1730E74355F61'), athena]);
  for (const [etype, password, salt, iterations, key] of [
    [17, 'password', athena, 1, '42263c6e89f4fc28b8df68ee09799f15'],
    [17, 'password', athena, 1200, '4c01cd46d632d01e6dbe230a01ed642a'],
    [18, 'password', athena, 2, 'a2e16d16b36069c135d5e9d2e25f896102685618b95914b467c67622225824ff'],
    [18, 'password', athena, 1200, '55a6ac740ad17b4846941051e1e8b0a7548d93b0ab30a8bc3ff16280382b8c2a'],
    [
      18,
      'X'.repeat(65),
      Buffer.from('pass phrase exceeds block size'),
      1200,
      'd78c5c9cb872a8c9dad4697f0bb5b2d21496c82beb2caeda2112fceea057401b',
    ],
    [17, '\u{1D11E}', Buffer.from('EXAMPLE.COMpianist'), 50, 'f149c1f2e154a73452d43e7fe62a56e5'],
    [19, 'password', salt8009, 32768, '089bca48b105ea6ea77ca5d2f39dc5e7'],
    [20, 'password', salt8009, 32768, '45bd806dbf6a833a9cffc1c94589a222367a79bc21c413718906e9f578a78467'],
  ] as const)
    test(`type ${etype}, ${iterations} rounds, ${password.length} characters`, async () => {
      const made = await stringToKey(etype, Buffer.from(password), salt, iterations);
      expect(made.toString('hex')).toBe(key);
    });
});

const sealed = [
  [17, 0, '5A5C0F0BA54F3828B2195E66CA24A289', '', '49FF8E11C173D9583A3254FBE7B1F1DF36C538E8416784A1672E6676'],
  [
    17,
    3,
    '033EE6502C54FD23E27791E987983827',
    '13 bytes byte',
    'EC366D0327A933BF49330E650E49BC6B974637FE80BF532FE51795B4809718E6194724DB948D1FD637',
  ],
  [
    18,
    4,
    'F1C795E9248A09338D82C3F8D5B567040B0110736845041347235B1404231398',
    '30 bytes bytes bytes bytes byt',
    'D1137A4D634CFECE924DBC3BF6790648BD5CFF7DE0E7B99460211D0DAEF3D79A295C688858F3B34B9CBD6EEBAE81DAF6B734D4D498B6714F1C1D',
  ],
] as const;

describe('encryption, AES-SHA1', () => {
  for (const [etype, usage, key, plain, cipher] of sealed)
    test(`type ${etype}, ${plain.length} bytes`, () => {
      expect(decrypt(etype, hex(key), usage, hex(cipher))?.toString()).toBe(plain);
      expect(decrypt(etype, hex(key), usage + 1, hex(cipher))).toBeUndefined();
      const confounder = Buffer.alloc(16, 7);
      expect(decrypt(etype, hex(key), usage, encrypt(etype, hex(key), usage, Buffer.from(plain), confounder))?.toString()).toBe(plain);
    });
});

describe('encryption, AES-SHA2: the base keys and usage 2 of RFC 8009', () => {
  const key19 = '3705D96080C17728A0E800EAB6E0D23C';
  const key20 = '6D404D37FAF79F9DF0D33568D320669800EB4836472EA8A026D16B7182460C52';
  for (const [etype, key, plain, confounder, cipher] of [
    [19, key19, '', '7E5895EAF2672435BAD817F545A37148', 'EF85FB890BB8472F4DAB20394DCA781DAD877EDA39D50C870C0D5A0A8E48C718'],
    [
      19,
      key19,
      '000102030405',
      '7BCA285E2FD4130FB55B1A5C83BC5B24',
      '84D7F30754ED987BAB0BF3506BEB09CFB55402CEF7E6877CE99E247E52D16ED4421DFDF8976C',
    ],
    [
      19,
      key19,
      '000102030405060708090A0B0C0D0E0F',
      '56AB21713FF62C0A1457200F6FA9948F',
      '3517D640F50DDC8AD3628722B3569D2AE07493FA8263254080EA65C1008E8FC295FB4852E7D83E1E7C48C37EEBE6B0D3',
    ],
    [
      20,
      key20,
      '000102030405060708090A0B0C0D0E0F1011121314',
      '763E65367E864F02F55153C7E3B58AF1',
      '40013E2DF58E8751957D2878BCD2D6FE101CCFD556CB1EAE79DB3C3EE86429F2B2A602AC86FEF6ECB647D6295FAE077A1FEB517508D2C16B4192E01F62',
    ],
  ] as const)
    test(`type ${etype}, ${plain.length / 2} bytes`, () => {
      expect(encrypt(etype, hex(key), 2, hex(plain), hex(confounder)).toString('hex').toUpperCase()).toBe(cipher);
      expect(decrypt(etype, hex(key), 2, hex(cipher))?.toString('hex').toUpperCase()).toBe(plain);
    });
});

test('one altered bit is seen', () => {
  const [etype, usage, key, , cipher] = sealed[1];
  const altered = hex(cipher);
  altered[3] = (altered[3] as number) ^ 1;
  expect(decrypt(etype, hex(key), usage, altered)).toBeUndefined();
});
