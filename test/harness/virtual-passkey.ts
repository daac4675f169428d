// An authenticator in software: an ES256 key that answers WebAuthn options as a browser would send them. Knobs break one thing at a time.
import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto';
import type {
  AuthenticationResponseJSON,
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
  RegistrationResponseJSON,
} from '@simplewebauthn/server';

export type VirtualPasskeyOptions = {
  /** Where the browser stands: `https://rekey.example.test`. */
  readonly origin: string;
  /** False: touched, but nobody was verified. */
  readonly verified?: boolean;
};

export class VirtualPasskey {
  readonly id: string = randomBytes(32).toString('base64url');
  /** Counts each signature; a clone would fall behind. */
  counter = 0;
  readonly #key: KeyObject;
  readonly #public: KeyObject;
  readonly #options: VirtualPasskeyOptions;
  #user: string | undefined;

  constructor(options: VirtualPasskeyOptions) {
    const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    this.#key = pair.privateKey;
    this.#public = pair.publicKey;
    this.#options = options;
  }

  register(options: PublicKeyCredentialCreationOptionsJSON): RegistrationResponseJSON {
    this.#user = options.user.id;
    const id = Buffer.from(this.id, 'base64url');
    const length = Buffer.alloc(2);
    length.writeUInt16BE(id.length);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, this.#cose()]);
    const authData = Buffer.concat([this.#authData(options.rp.id ?? this.#host(), 0x40), attested]);
    const attestation = Buffer.concat([
      Buffer.from([0xa3]),
      text('fmt'),
      text('none'),
      text('attStmt'),
      Buffer.from([0xa0]),
      text('authData'),
      bytes(authData),
    ]);
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: this.#clientData('webauthn.create', options.challenge).toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      },
    };
  }

  assert(options: PublicKeyCredentialRequestOptionsJSON): AuthenticationResponseJSON {
    this.counter += 1;
    const clientData = this.#clientData('webauthn.get', options.challenge);
    const authData = this.#authData(options.rpId ?? this.#host(), 0);
    const signed = Buffer.concat([authData, createHash('sha256').update(clientData).digest()]);
    return {
      id: this.id,
      rawId: this.id,
      type: 'public-key',
      clientExtensionResults: {},
      response: {
        clientDataJSON: clientData.toString('base64url'),
        authenticatorData: authData.toString('base64url'),
        signature: sign('sha256', signed, this.#key).toString('base64url'),
        ...(this.#user === undefined ? {} : { userHandle: this.#user }),
      },
    };
  }

  #host(): string {
    return new URL(this.#options.origin).hostname;
  }

  #clientData(type: string, challenge: string): Buffer {
    return Buffer.from(JSON.stringify({ type, challenge, origin: this.#options.origin, crossOrigin: false }));
  }

  /** RP hash, flags (present, verified), counter. */
  #authData(rpId: string, more: number): Buffer {
    const data = Buffer.alloc(37);
    createHash('sha256').update(rpId).digest().copy(data);
    data[32] = 0x01 | (this.#options.verified === false ? 0 : 0x04) | more;
    data.writeUInt32BE(this.counter, 33);
    return data;
  }

  /** {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}. */
  #cose(): Buffer {
    const { x = '', y = '' } = this.#public.export({ format: 'jwk' });
    const head = Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]);
    return Buffer.concat([head, bytes(Buffer.from(x, 'base64url')), Buffer.from([0x22]), bytes(Buffer.from(y, 'base64url'))]);
  }
}

/** CBOR strings; all of ours are shorter than 64 KiB. */
const text = (value: string): Buffer => Buffer.concat([lengthOf(0x60, value.length), Buffer.from(value)]);
const bytes = (value: Buffer): Buffer => Buffer.concat([lengthOf(0x40, value.length), value]);

function lengthOf(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([major | length]);
  if (length < 256) return Buffer.from([major | 24, length]);
  return Buffer.from([major | 25, length >> 8, length & 0xff]);
}
