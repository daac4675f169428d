// Says who has the port, where the system tells: the person at the prompt wants the process, not an error code.
import { readdir, readFile, readlink } from 'node:fs/promises';
import { Problem } from '../domain/problem.ts';
import type { Address } from './address.ts';

/** `flag`: the one that chooses another port. */
export async function portTaken({ host, port }: Address, flag: string): Promise<Problem> {
  const holder = await holderOf(port).catch(() => undefined);
  return new Problem('conflict', {
    place: `${host}:${port}`,
    message:
      holder === undefined ? 'another process listens there already' : `process ${holder.pid} (${holder.name}) listens there already`,
    hint: `${holder === undefined ? '' : `kill ${holder.pid}, if it is an old server; or `}rekey serve ${flag} ${host.includes(':') ? `[${host}]` : host}:${port + 1}`,
  });
}

/** /proc/net/tcp gives the inode of the listening socket, /proc/PID/fd whose it is. Processes of other users stay unnamed. */
async function holderOf(port: number): Promise<{ readonly pid: string; readonly name: string } | undefined> {
  const wanted = port.toString(16).toUpperCase().padStart(4, '0');
  const tables = await Promise.all(['tcp', 'tcp6'].map((name) => readFile(`/proc/net/${name}`, 'utf8').catch(() => '')));
  const inodes = new Set(
    tables
      .flatMap((table) => table.split('\n').slice(1))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = '', , state]) => local.endsWith(`:${wanted}`) && state === '0A')
      .map((fields) => `socket:[${fields[9]}]`),
  );
  if (inodes.size === 0) return undefined;
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)))
    for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => []))
      if (inodes.has(await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')))
        return { pid, name: (await readFile(`/proc/${pid}/comm`, 'utf8')).trim() };
  return undefined;
}
