// The certificates a CA has issued, by its own list: `openssl ca`'s index or what a command prints.
import { readFile } from 'node:fs/promises';
import { done, type Io, type Outcome, refused } from '../../kit/kit.ts';
import type { Config } from './config.ts';
import { serialText } from './der.ts';
import { runCommand } from './run-command.ts';

export type Issued = {
  readonly serial: string;
  readonly name: string;
  readonly revoked: boolean;
  readonly expiresAt: Date | undefined;
  readonly createdAt: Date | undefined;
  readonly label: string | undefined;
};

export const isLive = ({ revoked, expiresAt }: Issued, now: Date): boolean => !revoked && (expiresAt === undefined || expiresAt > now);

export async function readIssued(list: Config['list'], io: Io): Promise<Outcome<readonly Issued[]>> {
  const text = list.index === undefined ? await printed(list.command ?? [], io) : await readIndex(list.index, io);
  if (text.kind !== 'done') return text;
  const lines = text.value.split('\n').filter((line) => line.trim() !== '');
  const issued = lines.map(list.index === undefined ? fromJson : fromIndex);
  const bad = issued.indexOf(undefined);
  if (bad >= 0) return refused('protocol', `line ${bad + 1} of the CA's list is none of a list of certificates`);
  return done(issued as Issued[]); // checked above
}

async function readIndex(path: string, io: Io): Promise<Outcome<string>> {
  try {
    return done(await readFile(io.path(path), 'utf8'));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'error';
    return refused(code === 'EACCES' ? 'permission' : 'unreachable', `the index of the CA cannot be read (${code})`, { target: code });
  }
}

async function printed(command: readonly string[], io: Io): Promise<Outcome<string>> {
  const ended = await runCommand(command, '', io);
  if (ended.kind !== 'exit') return refused('unreachable', `the list of the CA: ${ended.why}`);
  if (ended.code !== 0)
    return refused('unreachable', `the command that lists certificates ended with ${ended.code}`, { target: String(ended.code) });
  return done(ended.output.toString('utf8'));
}

/** status, end, revocation, serial, file, name: separated by tabs. The name is /C=DE/CN=x, or CN=x,C=DE with newer settings. */
export function fromIndex(line: string): Issued | undefined {
  const [status = '', end = '', , serial = '', , subject = ''] = line.split('\t');
  const name = /(?:^|\/|,\s*)CN\s*=\s*((?:\\.|[^/,\\])+)/.exec(subject)?.[1];
  const expiresAt = indexTime(end);
  if (!/^[VRE]$/.test(status) || !/^[0-9A-Fa-f]+$/.test(serial) || name === undefined || expiresAt === undefined) return undefined;
  return { serial: serialText(serial), name, revoked: status === 'R', expiresAt, createdAt: undefined, label: undefined };
}

function indexTime(written: string): Date | undefined {
  const full = written.length === 13 ? `${Number(written.slice(0, 2)) < 50 ? 20 : 19}${written}` : written;
  const [, year, month, day, hour, minute, second] = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(full) ?? [];
  return year === undefined ? undefined : new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

export function fromJson(line: string): Issued | undefined {
  let read: Record<string, unknown>;
  try {
    read = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  const { serial, name, revoked, label } = read;
  if (
    typeof serial !== 'string' ||
    !/^[0-9A-Fa-f]+$/.test(serial) ||
    typeof name !== 'string' ||
    name === '' ||
    typeof revoked !== 'boolean'
  )
    return undefined;
  return {
    serial: serialText(serial),
    name,
    revoked,
    expiresAt: dateIn(read.expiresAt),
    createdAt: dateIn(read.createdAt),
    label: typeof label === 'string' && label !== '' ? label : undefined,
  };
}

function dateIn(value: unknown): Date | undefined {
  const ms = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isFinite(ms) ? new Date(ms) : undefined;
}
