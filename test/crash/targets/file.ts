// A JSON file for each point, read as its application would.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { file } from '../../../src/connectors/file/file.ts';
import { io } from '../io.ts';
import type { CrashStore } from '../target.ts';

export async function start(): Promise<CrashStore> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-crash-file-'));
  let next = 0;
  return {
    place: async (password) => {
      const name = `app-${next++}.json`;
      writeFileSync(join(folder, name), JSON.stringify({ user: 'app', password }));
      return { ref: `${name}#/password`, health: 'exec:true' };
    },
    open: (reach) => file.open(file.config.parse({ root: folder }), io(reach)),
    holds: (ref, text) => JSON.parse(readFileSync(join(folder, ref.split('#')[0] ?? ''), 'utf8')).password === text,
    stop: async () => rmSync(folder, { recursive: true, force: true }),
  };
}
