// RADIUS packets (RFC 2865) with Message-Authenticator (RFC 3579 section 3.2) both ways: what is not signed by the shared secret is no answer.
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

export const codes = { accessRequest: 1, accessAccept: 2, accessReject: 3, accessChallenge: 11 } as const;
export const types = {
  userName: 1,
  userPassword: 2,
  replyMessage: 18,
  nasIdentifier: 32,
  nasPortType: 61,
  messageAuthenticator: 80,
} as const;

const headerSize = 20;
const maxPacket = 4096;
/** RFC 2865 section 5.2: at most eight blocks of 16. */
export const maxPassword = 128;
export const maxText = 253;

export type Attribute = { readonly type: number; readonly value: Uint8Array };
export type Reply = { readonly code: number; readonly attributes: readonly Attribute[] };

export type AccessRequest = {
  readonly identifier: number;
  /** 16 random bytes; the same in every retransmission. */
  readonly authenticator: Uint8Array;
  readonly shared: Uint8Array;
  readonly user: string;
  readonly password: Uint8Array;
  readonly nasIdentifier: string;
};

/** The Message-Authenticator stands first: an attacker of MD5 (CVE-2024-3596) gets no prefix of his own choosing. */
export function encodeAccessRequest(request: AccessRequest): Buffer {
  const virtual = Buffer.from([0, 0, 0, 5]);
  const attributes = [
    { type: types.messageAuthenticator, value: Buffer.alloc(16) },
    { type: types.userName, value: Buffer.from(request.user, 'utf8') },
    { type: types.userPassword, value: hidePassword(request.password, request.authenticator, request.shared) },
    { type: types.nasIdentifier, value: Buffer.from(request.nasIdentifier, 'utf8') },
    { type: types.nasPortType, value: virtual },
  ];
  const packet = Buffer.concat([Buffer.alloc(headerSize), ...attributes.map(encodeAttribute)]);
  packet.writeUInt8(codes.accessRequest, 0);
  packet.writeUInt8(request.identifier, 1);
  packet.writeUInt16BE(packet.length, 2);
  packet.set(request.authenticator, 4);
  packet.set(createHmac('md5', request.shared).update(packet).digest(), headerSize + 2);
  return packet;
}

function encodeAttribute({ type, value }: Attribute): Buffer {
  return Buffer.concat([Buffer.from([type, value.length + 2]), value]);
}

/** RFC 2865 section 5.2. Padding is zero bytes, so a password that ends in one cannot be sent. */
function hidePassword(password: Uint8Array, authenticator: Uint8Array, shared: Uint8Array): Buffer {
  const hidden = Buffer.alloc(Math.max(16, Math.ceil(password.length / 16) * 16));
  hidden.set(password);
  let before = authenticator;
  for (let at = 0; at < hidden.length; at += 16) {
    const mask = createHash('md5').update(shared).update(before).digest();
    for (let n = 0; n < 16; n++) hidden[at + n] = (hidden[at + n] as number) ^ (mask[n] as number);
    before = hidden.subarray(at, at + 16);
  }
  return hidden;
}

/** Why a datagram is no answer to this request. `unsigned`: its response authenticator fits, but nothing protects its attributes. */
export type NoReply = 'malformed' | 'stranger' | 'forged' | 'unsigned';

export function decodeReply(datagram: Buffer, request: Pick<AccessRequest, 'identifier' | 'authenticator' | 'shared'>): Reply | NoReply {
  if (datagram.length < headerSize) return 'malformed';
  const length = datagram.readUInt16BE(2);
  if (length < headerSize || length > maxPacket || length > datagram.length) return 'malformed';
  if (datagram.readUInt8(1) !== request.identifier) return 'stranger';
  // Bytes after the length are padding (RFC 2865 section 3).
  const packet = datagram.subarray(0, length);
  const signed = Buffer.from(packet);
  signed.set(request.authenticator, 4);
  const expected = createHash('md5').update(signed).update(request.shared).digest();
  if (!timingSafeEqual(expected, packet.subarray(4, headerSize))) return 'forged';
  const attributes = decodeAttributes(packet.subarray(headerSize));
  if (attributes === undefined) return 'malformed';
  const marks = attributes.filter(({ type }) => type === types.messageAuthenticator);
  const [mark] = marks;
  if (mark === undefined) return 'unsigned';
  if (marks.length > 1 || mark.value.length !== 16) return 'malformed';
  signed.fill(0, headerSize + mark.at, headerSize + mark.at + 16);
  if (!timingSafeEqual(createHmac('md5', request.shared).update(signed).digest(), mark.value)) return 'forged';
  return { code: packet.readUInt8(0), attributes };
}

/** `at`: where the value begins. */
function decodeAttributes(body: Buffer): (Attribute & { readonly at: number })[] | undefined {
  const out: (Attribute & { readonly at: number })[] = [];
  for (let at = 0; at < body.length; ) {
    const size = body[at + 1];
    if (size === undefined || size < 2 || at + size > body.length) return undefined;
    out.push({ type: body[at] as number, at: at + 2, value: body.subarray(at + 2, at + size) });
    at += size;
  }
  return out;
}

export function textOf(reply: Reply, type: number): string {
  return reply.attributes
    .filter((each) => each.type === type)
    .map(({ value }) => Buffer.from(value).toString('utf8'))
    .join('');
}
