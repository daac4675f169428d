// The few AMQP 0-9-1 method frames of a login, as the specification lays them out (section 4.2, class connection).

export const protocolHeader = Buffer.from('AMQP\x00\x00\x09\x01', 'latin1');

/** Class 10 is `connection`; the number is class × 65536 + method. */
export const method = {
  start: 0x0a_000a,
  startOk: 0x0a_000b,
  tune: 0x0a_001e,
  tuneOk: 0x0a_001f,
  open: 0x0a_0028,
  openOk: 0x0a_0029,
  close: 0x0a_0032,
} as const;

export type Close = { readonly code: number; readonly text: string };
type Sizes = { readonly channels: number; readonly frame: number };
type Read = { readonly used: number; readonly name: number; readonly closed?: Close; readonly limits: Sizes };

const frameEnd = 0xce;
/** The frames of a login are below a kilobyte or two; server-properties may be a few. */
const longest = 1024 * 1024;

/** The first frame of what was received; frames that are no methods (heartbeats) have the name 0. */
export function readMethod(bytes: Buffer): Read | 'more' | 'odd' {
  if (bytes.length < 7) return 'more';
  const size = bytes.readUInt32BE(3);
  if (bytes.readUInt8(0) > 8 || size > longest) return 'odd';
  const used = 7 + size + 1;
  if (bytes.length < used) return 'more';
  if (bytes.readUInt8(used - 1) !== frameEnd) return 'odd';
  const limits = { channels: 0, frame: 0 };
  if (bytes.readUInt8(0) !== 1) return { used, name: 0, limits };
  if (size < 4) return 'odd';
  const name = bytes.readUInt32BE(7);
  const body = bytes.subarray(11, used - 1);
  if (name === method.tune)
    return body.length < 8 ? 'odd' : { used, name, limits: { channels: body.readUInt16BE(0), frame: body.readUInt32BE(2) } };
  if (name !== method.close) return { used, name, limits };
  if (body.length < 3 || body.length < 3 + body.readUInt8(2)) return 'odd';
  return { used, name, limits, closed: { code: body.readUInt16BE(0), text: body.toString('utf8', 3, 3 + body.readUInt8(2)) } };
}

const shortText = (text: string): Buffer => {
  const bytes = Buffer.from(text, 'utf8');
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
};
const long = (bytes: Uint8Array): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
};

function frame(name: number, ...parts: readonly Uint8Array[]): Buffer {
  const head = Buffer.alloc(4);
  head.writeUInt32BE(name);
  const payload = Buffer.concat([head, ...parts]);
  return Buffer.concat([Buffer.from([1, 0, 0]), long(payload), Buffer.from([frameEnd])]);
}

/** The name under which the broker lists our connection. */
export const connectionName = 'rekey-probe';

/** `authentication_failure_close`: without it the broker answers a wrong password by closing the socket, which says nothing. */
export function startOk(user: string, secret: Uint8Array): Buffer {
  const yes = Buffer.from('t\x01', 'latin1');
  const capabilities = long(Buffer.concat([shortText('authentication_failure_close'), yes]));
  const properties = Buffer.concat([
    shortText('connection_name'),
    Buffer.from('S'),
    long(Buffer.from(connectionName)),
    shortText('capabilities'),
    Buffer.from('F'),
    capabilities,
  ]);
  const response = Buffer.concat([Buffer.from([0]), Buffer.from(user, 'utf8'), Buffer.from([0]), secret]);
  return frame(method.startOk, long(properties), shortText('PLAIN'), long(response), shortText('en_US'));
}

/** What the broker proposes is taken; no heartbeat: the connection lives for milliseconds. */
export function tuneOk({ channels, frame: size }: Sizes): Buffer {
  const body = Buffer.alloc(8);
  body.writeUInt16BE(channels, 0);
  body.writeUInt32BE(size, 2);
  return frame(method.tuneOk, body);
}

export const open = (vhost: string): Buffer => frame(method.open, shortText(vhost), shortText(''), Buffer.from([0]));

/** Code 200, no text, no failing method. */
export const close: Buffer = frame(method.close, Buffer.from([0, 200]), shortText(''), Buffer.from([0, 0, 0, 0]));
