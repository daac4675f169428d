// A credential cache file (MIT, version 4), as far as an old ticket must be shown again: what the client believes of its end is moved, or its bytes are spoilt.

const ticketServer = 'krbtgt';
const noEnd = 0x7fffffff;

type Ticket = { readonly server: string; readonly times: number; readonly ticket: { readonly at: number; readonly length: number } };

/**
 * A client does not send a ticket that it believes to be over. The controller reads the end inside the sealed ticket, which nobody can change: moving the
 * client's copy makes it ask.
 */
export function believedAlive(cache: Uint8Array): Buffer {
  const bytes = Buffer.from(cache);
  for (const { times } of firstTickets(bytes)) {
    bytes.writeInt32BE(noEnd, times + 8);
    bytes.writeInt32BE(noEnd, times + 12);
  }
  return bytes;
}

/** A ticket that no key of the domain opens. */
export function spoilt(cache: Uint8Array): Buffer {
  const bytes = Buffer.from(cache);
  for (const { ticket } of firstTickets(bytes))
    for (let n = 1; n <= Math.min(16, ticket.length); n++) bytes[ticket.at + ticket.length - n]! ^= 0xff;
  return bytes;
}

function firstTickets(bytes: Buffer): Ticket[] {
  const reader = new Reader(bytes);
  if (reader.u16() !== 0x0504) throw new RangeError('not a credential cache of version 4');
  reader.skip(reader.u16());
  reader.principal();
  const found: Ticket[] = [];
  while (!reader.atEnd()) found.push(reader.credential());
  return found.filter(({ server }) => server === ticketServer);
}

class Reader {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  atEnd(): boolean {
    return this.#at >= this.#bytes.length;
  }
  u16(): number {
    this.#at += 2;
    return this.#bytes.readUInt16BE(this.#at - 2);
  }
  u32(): number {
    this.#at += 4;
    return this.#bytes.readUInt32BE(this.#at - 4);
  }
  skip(length: number): void {
    this.#at += length;
    if (this.#at > this.#bytes.length) throw new RangeError('the credential cache ends too early');
  }
  data(): { at: number; length: number } {
    const length = this.u32();
    const at = this.#at;
    this.skip(length);
    return { at, length };
  }

  /** Answers its first component. */
  principal(): string {
    this.skip(4);
    const count = this.u32();
    this.data();
    let first = '';
    for (let n = 0; n < count; n++) {
      const { at, length } = this.data();
      if (n === 0) first = this.#bytes.toString('utf8', at, at + length);
    }
    return first;
  }

  credential(): Ticket {
    this.principal();
    const server = this.principal();
    this.skip(2);
    this.data();
    const times = this.#at;
    this.skip(16 + 1 + 4);
    for (let lists = 0; lists < 2; lists++)
      for (let n = this.u32(); n > 0; n--) {
        this.skip(2);
        this.data();
      }
    const ticket = this.data();
    this.data();
    return { server, times, ticket };
  }
}
