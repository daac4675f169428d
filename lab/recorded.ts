// Stops the servers whose process ids a lab folder has recorded, for when the process that started them is gone. A number that meanwhile belongs to somebody else is left alone.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { sleep } from './process.ts';

const deepest = 4;
const patienceMs = 6_000;

/** Gives how many processes were stopped. */
export async function stopRecorded(dir: string): Promise<number> {
  const ours = [...new Set(pidFiles(dir).map(pidIn))].filter((pid) => pid > 1 && belongs(pid, dir));
  for (const pid of ours) signal(pid, 'SIGTERM');
  for (let waited = 0; waited < patienceMs && ours.some(alive); waited += 100) await sleep(100);
  for (const pid of ours.filter(alive)) signal(pid, 'SIGKILL');
  for (let waited = 0; waited < patienceMs && ours.some(alive); waited += 100) await sleep(100);
  return ours.length;
}

/** Processes of the lab folder that still run. */
export const stillRunning = (dir: string): readonly number[] =>
  readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 1 && pid !== process.pid && belongs(pid, dir));

function pidFiles(folder: string, depth = 0): string[] {
  if (depth > deepest || !existsSync(folder)) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return pidFiles(path, depth + 1);
    return entry.isFile() && /(^|\.)pid$/.test(entry.name) ? [path] : [];
  });
}

const pidIn = (file: string): number => Number(readFileSync(file, 'utf8').split('\n')[0]) || 0;

/** A server of the lab was given its folder on its command line, or writes its output there. */
export function belongs(pid: number, dir: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`${dir}/`) || readlinkSync(`/proc/${pid}/fd/1`).startsWith(`${dir}/`);
  } catch {
    return false; // It has gone, or is nobody's we may look at.
  }
}

/** The whole group: a first process may die before its children do. */
function signal(pid: number, what: NodeJS.Signals): void {
  for (const target of [-pid, pid])
    try {
      process.kill(target, what);
    } catch {} // It leads no group, or has gone.
}

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}
