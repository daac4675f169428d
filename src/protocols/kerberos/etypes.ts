// The AES encryption types of Kerberos (RFC 3962 and RFC 8009). RC4 and DES are left out: whoever offers only those is not answered with a guess.
import { createHmac, pbkdf2, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { blockSize, decryptCts, encryptBlock, encryptCts } from './cts.ts';
import { nfold } from './nfold.ts';

const derive = promisify(pbkdf2);

type Profile = {
  readonly hash: 'sha1' | 'sha256' | 'sha384';
  readonly keyBytes: 16 | 32;
  readonly macBytes: 12 | 16 | 24;
  /** RFC 8009 puts its own name before the salt, and derives keys by HMAC instead of by cipher. */
  readonly name?: string;
  readonly iterations: number;
};

/** By number; strongest of the widely used ones first: a KDC answers in the client's order. */
export const etypes: ReadonlyMap<number, Profile> = new Map<number, Profile>([
  [18, { hash: 'sha1', keyBytes: 32, macBytes: 12, iterations: 4096 }],
  [17, { hash: 'sha1', keyBytes: 16, macBytes: 12, iterations: 4096 }],
  [20, { hash: 'sha384', keyBytes: 32, macBytes: 24, iterations: 32_768, name: 'aes256-cts-hmac-sha384-192' }],
  [19, { hash: 'sha256', keyBytes: 16, macBytes: 16, iterations: 32_768, name: 'aes128-cts-hmac-sha256-128' }],
]);

function profileOf(etype: number): Profile {
  const profile = etypes.get(etype);
  if (profile === undefined) throw new RangeError(`encryption type ${etype}`);
  return profile;
}

/** The long-term key of a principal. Node copies the password before this returns its promise. */
export function stringToKey(etype: number, password: Uint8Array, salt: Uint8Array, iterations?: number): Promise<Buffer> {
  const profile = profileOf(etype);
  const salted = profile.name === undefined ? salt : Buffer.concat([Buffer.from(`${profile.name}\0`), salt]);
  return derive(password, salted, iterations ?? profile.iterations, profile.keyBytes, profile.hash).then((base) =>
    derivedKey(profile, base, Buffer.from('kerberos'), profile.keyBytes),
  );
}

/** `confounder` is random but in tests. */
export function encrypt(etype: number, key: Uint8Array, usage: number, plain: Uint8Array, confounder: Uint8Array): Buffer {
  const profile = profileOf(etype);
  const { sealing, signing } = usageKeys(profile, key, usage);
  const whole = Buffer.concat([confounder, plain]);
  const cipher = encryptCts(sealing, whole);
  return Buffer.concat([cipher, mac(profile, signing, profile.name === undefined ? whole : Buffer.concat([zeroIv, cipher]))]);
}

/** undefined: the checksum does not fit, so the key is another one or the bytes were changed. */
export function decrypt(etype: number, key: Uint8Array, usage: number, sealed: Uint8Array): Buffer | undefined {
  const profile = profileOf(etype);
  const size = sealed.length - profile.macBytes;
  if (size < blockSize) return undefined;
  const { sealing, signing } = usageKeys(profile, key, usage);
  const cipher = sealed.subarray(0, size);
  const whole = decryptCts(sealing, cipher);
  const expected = mac(profile, signing, profile.name === undefined ? whole : Buffer.concat([zeroIv, cipher]));
  return timingSafeEqual(expected, sealed.subarray(size)) ? whole.subarray(blockSize) : undefined;
}

const zeroIv = Buffer.alloc(blockSize);

function mac(profile: Profile, key: Uint8Array, over: Uint8Array): Buffer {
  return createHmac(profile.hash, key).update(over).digest().subarray(0, profile.macBytes);
}

/** RFC 3961 section 5.3: a key of its own for each use, 0xAA to encrypt and 0x55 to sign. */
function usageKeys(profile: Profile, key: Uint8Array, usage: number): { sealing: Buffer; signing: Buffer } {
  const constant = (kind: number): Buffer => Buffer.from([0, 0, 0, usage, kind]);
  return {
    sealing: derivedKey(profile, key, constant(0xaa), profile.keyBytes),
    signing: derivedKey(profile, key, constant(0x55), profile.name === undefined ? profile.keyBytes : profile.macBytes),
  };
}

function derivedKey(profile: Profile, key: Uint8Array, constant: Uint8Array, size: number): Buffer {
  if (profile.name !== undefined) {
    const bits = Buffer.alloc(4);
    bits.writeUInt32BE(size * 8);
    const input = Buffer.concat([Buffer.from([0, 0, 0, 1]), constant, Buffer.from([0]), bits]);
    return createHmac(profile.hash, key).update(input).digest().subarray(0, size);
  }
  const blocks = [encryptBlock(key, nfold(constant, blockSize))];
  while (blocks.length * blockSize < size) blocks.push(encryptBlock(key, blocks.at(-1) as Buffer));
  return Buffer.concat(blocks).subarray(0, size);
}
