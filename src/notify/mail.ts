// Hands a message to the mail server (RFC 5321): TLS as configured or not at all, an end in time, 4xx tried again and 5xx returned.
import { createHash } from 'node:crypto';
import type { SmtpSpec } from '../estate/notify-spec.ts';
import type { Secret } from '../kit/secret.ts';
import { caFile } from './ca-file.ts';
import type { Delivered } from './port.ts';

export type Mail = {
  /** Ours, durable before the first attempt. */
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** All messages about one plan and its run to one person are one thread. */
  readonly thread: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly urgent: boolean;
  readonly at: Date;
};

export async function sendMail(smtp: SmtpSpec, password: Secret | undefined, mail: Mail): Promise<Delivered> {
  const domain = domainOf(mail.from);
  const thread = `<${createHash('sha256').update(`${mail.thread}\n${mail.to}`).digest('hex').slice(0, 32)}@${domain}>`;
  // Loaded by the first message: commands send none.
  const { createTransport } = await import('nodemailer');
  const transport = createTransport({
    host: smtp.host,
    port: smtp.port,
    secure: smtp.tls === 'implicit',
    requireTLS: smtp.tls === 'starttls',
    ignoreTLS: smtp.tls === 'none',
    tls: {
      minVersion: 'TLSv1.2',
      ...(smtp.ca === undefined ? {} : { ca: caFile(smtp.ca, 'notify.smtp.ca') }),
      ...(smtp.servername === undefined ? {} : { servername: smtp.servername }),
    },
    ...(smtp.user === undefined || password === undefined
      ? {}
      : { auth: { user: smtp.user, pass: password.use((bytes) => Buffer.from(bytes).toString('utf8')) } }),
    dnsTimeout: smtp.timeoutMs,
    connectionTimeout: smtp.timeoutMs,
    greetingTimeout: smtp.timeoutMs,
    socketTimeout: smtp.timeoutMs,
    // A message names no file and no address to fetch: what looks like one is text.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from: mail.from,
      to: { name: '', address: mail.to },
      subject: mail.subject,
      text: mail.text,
      html: mail.html,
      date: mail.at,
      messageId: `<${mail.id}@${domain}>`,
      references: thread,
      inReplyTo: thread,
      ...(mail.urgent ? { priority: 'high' as const } : {}),
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
    });
    return { kind: 'sent' };
  } catch (error) {
    return outcomeOf(error);
  } finally {
    transport.close();
  }
}

/** What nodemailer reports: a code of its own, and the server's reply where there was one. The reply's words are the server's and stay out. */
function outcomeOf(error: unknown): Delivered {
  const {
    code = 'ERROR',
    responseCode,
    command,
    response = '',
    message = '',
  } = (error ?? {}) as { code?: string; responseCode?: number; command?: string; response?: string; message?: string };
  const enhanced = /^\d{3}[ -](\d\.\d{1,3}\.\d{1,3})\b/.exec(response)?.[1];
  const reply = responseCode === undefined ? code : `${responseCode}${enhanced === undefined ? '' : ` ${enhanced}`}`;
  // A login that the server refuses is ours to mend, not the recipient's fault.
  if (code === 'EAUTH' || command?.startsWith('AUTH') === true)
    return { kind: 'again', reason: `the mail server refused the login (${reply})` };
  // A certificate that is not accepted comes as a broken socket: only the message tells.
  if (code === 'ETLS' || /certificate|altnames/i.test(message))
    return { kind: 'again', reason: `no trusted connection to the mail server (${code})` };
  if (responseCode !== undefined && responseCode >= 500) return { kind: 'dead', reason: `refused by the mail server (${reply})` };
  if (responseCode !== undefined) return { kind: 'again', reason: `put off by the mail server (${reply})` };
  return { kind: 'again', reason: `no answer from the mail server (${code})` };
}

function domainOf(from: string): string {
  return /@([A-Za-z0-9.-]+)>?\s*$/.exec(from)?.[1] ?? 'rekey.invalid';
}
