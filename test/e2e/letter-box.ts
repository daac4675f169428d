// A mail server and a webhook's address on loopback that keep what they are sent as they were sent it.
import { appendFileSync } from 'node:fs';
import { createServer as createWeb } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

export type LetterBox = { readonly smtp: number; readonly hook: string; close(): Promise<void> };

export async function openLetterBox(folder: string): Promise<LetterBox> {
  const keep = (name: string, text: string): void => appendFileSync(join(folder, name), text);
  const [mails, hooks] = [createServer((socket) => takeMail(socket, (text) => keep('mails.txt', text))), createWeb()];
  hooks.on('request', (request, reply) => {
    request.on('data', (part) => keep('webhooks.txt', String(part)));
    request.on('end', () => reply.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  });
  const [smtp, web] = [await portOf(mails), await portOf(hooks)];
  return {
    smtp,
    hook: `http://127.0.0.1:${web}/room`,
    close: async () => {
      hooks.closeAllConnections();
      await Promise.all([mails, hooks].map((server) => new Promise((closed) => server.close(closed))));
    },
  };
}

/** As much of RFC 5321 as a client needs to believe that its mail was taken. */
function takeMail(socket: Socket, keep: (text: string) => void): void {
  let data = false;
  let rest = '';
  const say = (line: string): void => void socket.write(`${line}\r\n`);
  socket.on('error', () => undefined);
  say('220 loopback ESMTP');
  socket.on('data', (part) => {
    keep(String(part));
    rest += String(part);
    for (let at = rest.indexOf('\r\n'); at >= 0; at = rest.indexOf('\r\n')) {
      const line = rest.slice(0, at);
      rest = rest.slice(at + 2);
      if (data) {
        if (line === '.') {
          data = false;
          say('250 taken');
        }
      } else if (/^EHLO/i.test(line)) say('250-loopback\r\n250 8BITMIME');
      else if (/^DATA/i.test(line)) {
        data = true;
        say('354 go on');
      } else if (/^QUIT/i.test(line)) {
        say('221 bye');
        socket.end();
      } else say('250 ok');
    }
  });
}

async function portOf(server: Server): Promise<number> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return (server.address() as AddressInfo).port; // it listens on a port
}
