// Mail to a real SMTP server: protected as configured or not sent, its answers told apart, and a message that is one message whatever its names hold.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type LabSmtp, startSmtp } from '../../lab/smtp.ts';
import type { SmtpSpec } from '../../src/estate/notify-spec.ts';
import { type Mail, sendMail } from '../../src/notify/mail.ts';
import { secretOf } from '../../src/seal/secret.ts';

const dir = mkdtempSync(join(tmpdir(), 'rekey-smtp-'));
const modes = ['starttls', 'implicit', 'none'] as const;
const servers = new Map<string, LabSmtp>();

beforeAll(async () => {
  for (const tls of modes) servers.set(tls, await startSmtp({ dir: join(dir, tls), tls }));
});
afterAll(async () => {
  for (const server of servers.values()) await server.stop();
  rmSync(dir, { recursive: true, force: true });
});

const server = (tls: string): LabSmtp => servers.get(tls) as LabSmtp;
const spec = (tls: (typeof modes)[number], more: Partial<SmtpSpec> = {}): SmtpSpec => {
  const { host, port, user, ca } = server(tls);
  return { host, port, tls, timeoutMs: 3000, ...(tls === 'none' ? {} : { user, ca, servername: 'localhost' }), ...more };
};
const password = (tls: string) => secretOf('smtp', server(tls).password);
const mail = (to: string, more: Partial<Mail> = {}): Mail => ({
  id: 'msg_1',
  from: 'Rekey <rekey@example.test>',
  to,
  thread: 'P-7K3QX2MA',
  subject: '[acme] evict (P-7K3QX2MA)',
  text: 'Something waits for your decision.',
  html: '<p>Something waits for your decision.</p>',
  urgent: true,
  at: new Date('2026-11-21T12:00:00Z'),
  ...more,
});
const last = (tls: string): string => server(tls).received().at(-1) ?? '';
const header = (message: string, name: string): string | undefined =>
  new RegExp(`^${name}: (.*(?:\r?\n[ \t].*)*)`, 'mi')
    .exec(message.split(/\r?\n\r?\n/, 1)[0] ?? '')?.[1]
    ?.replaceAll(/\r?\n\s+/g, ' ')
    .trim();

describe('a mail server', () => {
  it.each(modes)('%s: takes a message with the id that was stored, in the thread of its plan and reader', async (tls) => {
    expect(await sendMail(spec(tls), tls === 'none' ? undefined : password(tls), mail('alice@example.test'))).toEqual({ kind: 'sent' });
    const first = last(tls);
    expect(header(first, 'Message-ID')).toBe('<msg_1@example.test>');
    expect(header(first, 'Importance')).toBe('High');
    expect(header(first, 'Auto-Submitted')).toBe('auto-generated');
    await sendMail(spec(tls), tls === 'none' ? undefined : password(tls), mail('alice@example.test', { id: 'msg_2', urgent: false }));
    expect(header(last(tls), 'Message-ID')).toBe('<msg_2@example.test>');
    expect(header(last(tls), 'References')).toBe(header(first, 'References'));
    expect(header(last(tls), 'In-Reply-To')).toBe(header(first, 'References'));
    await sendMail(spec(tls), tls === 'none' ? undefined : password(tls), mail('bob@example.test', { id: 'msg_3' }));
    expect(header(last(tls), 'References')).not.toBe(header(first, 'References'));
  });

  it('that is not the one the CA vouches for, or does not offer TLS, gets nothing', async () => {
    const before = server('starttls').received().length;
    const { ca: _, ...unpinned } = spec('starttls');
    expect(await sendMail(unpinned, password('starttls'), mail('alice@example.test'))).toMatchObject({
      kind: 'again',
      reason: expect.stringContaining('no trusted connection'),
    });
    expect(
      await sendMail(spec('starttls', { servername: 'mail.example.test' }), password('starttls'), mail('alice@example.test')),
    ).toMatchObject({ kind: 'again' });
    expect(await sendMail(spec('starttls', { ca: server('implicit').ca }), password('starttls'), mail('alice@example.test'))).toMatchObject(
      { kind: 'again' },
    );
    expect(await sendMail({ ...spec('none'), tls: 'starttls' }, undefined, mail('alice@example.test'))).toMatchObject({ kind: 'again' });
    expect(server('starttls').received().length).toBe(before);
  });

  it('that puts off is asked again, one that refuses is believed, and a login it refuses is nobody’s bounce', async () => {
    expect(await sendMail(spec('starttls'), password('starttls'), mail('later@example.test'))).toEqual({
      kind: 'again',
      reason: 'put off by the mail server (451 4.7.1)',
    });
    expect(await sendMail(spec('starttls'), password('starttls'), mail('nobody@example.test'))).toEqual({
      kind: 'dead',
      reason: 'refused by the mail server (550 5.1.1)',
    });
    expect(await sendMail(spec('starttls'), secretOf('smtp', 'wrong'), mail('alice@example.test'))).toMatchObject({
      kind: 'again',
      reason: expect.stringContaining('refused the login'),
    });
  });

  it('that never answers is left after the time limit', async () => {
    const began = performance.now();
    expect(await sendMail(spec('none', { timeoutMs: 1000 }), undefined, mail('slow@example.test'))).toMatchObject({ kind: 'again' });
    expect(performance.now() - began).toBeLessThan(10_000);
  });

  it('gets one message to one reader with no header of somebody else’s, whatever the subject holds', async () => {
    const before = server('none').received().length;
    await sendMail(
      spec('none'),
      undefined,
      mail('alice@example.test', { id: 'msg_9', subject: 'evict\r\nBcc: eve@example.test\r\n\r\nhello' }),
    );
    expect(server('none').received().length).toBe(before + 1);
    expect(header(last('none'), 'Bcc')).toBeUndefined();
    expect(header(last('none'), 'To')).toBe('alice@example.test');
  });

  it('keeps the password out of its log and the messages', () => {
    for (const tls of modes) {
      const { password: value, received } = server(tls);
      expect([readFileSync(join(dir, tls, 'smtp.log'), 'utf8'), ...received()].join('\n')).not.toContain(value);
    }
  });
});
