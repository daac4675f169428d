// The fictitious estate for the console: made and discovered on an empty folder, found again as it was left on the demo's own.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { houseCaller } from '../access/caller.ts';
import { initEstate, openEstate } from '../app.ts';
import { demoMark } from '../wire/parts.ts';
import { startApplications } from './applications.ts';
import { consumersHead, deafApplication, exposedHead, World, writeEstate } from './world.ts';

export type ServedDemo = { close(): Promise<void> };

/** The applications run in this process until `close`; the estate is open to whoever opens it next. */
export async function startDemo(folder: string): Promise<ServedDemo> {
  const estate = { folder, seed: '1', lasting: true };
  const world = new World(estate);
  const fresh = !existsSync(join(folder, demoMark));
  if (fresh) {
    await initEstate({ folder, name: 'harbour-and-pine' });
    writeEstate(estate);
  }
  const apps = await startApplications(join(folder, 'apps'), world.applications(), {
    oracle: (s) => world.oracle(s),
    deaf: deafApplication,
  });
  const close = async (): Promise<void> => {
    await apps.close();
    world.close();
  };
  try {
    if (fresh) await fill(folder, { consumers: [consumersHead, ...apps.rows], exposed: [exposedHead, ...world.leak()] });
    return { close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function fill(folder: string, rows: { readonly consumers: readonly string[]; readonly exposed: readonly string[] }): Promise<void> {
  const filler = houseCaller('demo');
  const { services, close } = await openEstate({ folder });
  try {
    for await (const { problem, system } of services.discover(filler)) if (problem !== undefined) throw new Error(`${system}: ${problem}`);
    for (const kind of ['exposed', 'consumers'] as const)
      await services.import(filler, kind, bytesOf(rows[kind]), { partial: false, file: `${kind}.csv` });
  } finally {
    await close();
  }
}

async function* bytesOf(rows: readonly string[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${rows.join('\n')}\n`);
}
