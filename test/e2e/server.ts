// A served demo estate on simulated systems, with a run under way: what the console's tests open in their browser.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { vi } from 'vitest';
import { houseCaller } from '../../src/access/caller.ts';
import { initEstate, type Opened, openEstate } from '../../src/app.ts';
import { signApproval } from '../../src/approve/sign.ts';
import type { PlanView, RunView } from '../../src/domain/view.ts';
import { type ConsoleDoor, openConsole } from './console-door.ts';
import { approvers, keyOf, writeStory } from './story.ts';

export type Served = {
  readonly url: string;
  readonly folder: string;
  readonly estate: Opened;
  readonly door: ConsoleDoor;
  /** The plan behind `run`, and one that nobody has approved. */
  readonly plans: readonly PlanView[];
  readonly run: RunView;
  /** By everybody who may. */
  approve(plan: string): Promise<void>;
  close(): Promise<void>;
};

const operator = houseCaller('carol');

export type Stage = 'empty' | 'running';

export async function serveStory(stage: 'running'): Promise<Served>;
export async function serveStory(stage: 'empty'): Promise<Omit<Served, 'plans' | 'run'>>;
export async function serveStory(stage: Stage): Promise<Partial<Served> & Omit<Served, 'plans' | 'run'>> {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-e2e-'));
  writeStory(folder);
  await initEstate({ folder, name: 'harbour-and-pine' });
  const estate = await openEstate({ folder, worker: true });
  const socket = join(folder, '.rekey', 'rekey.sock');
  await estate.listen(socket);
  const door = await openConsole(socket);
  const close = async (): Promise<void> => {
    await door.close();
    await estate.close();
    rmSync(folder, { recursive: true, force: true });
  };
  const base = { url: door.url, folder, estate, door, approve: (plan: string) => approve(estate, folder, plan), close };
  if (stage === 'empty') return base;
  const { services } = estate;
  for await (const step of services.discover(operator)) if (step.problem !== undefined) throw new Error(step.problem);
  const eviction = await services.createPlan(operator, {
    where: 'all',
    reason: 'leaked directory export',
    incident: 'INC-42',
    name: 'eviction',
  });
  await approve(estate, folder, eviction.id);
  const waiting = await services.createPlan(operator, {
    where: 'system = cargo-erp',
    reason: 'second pass over the ERP',
    name: 'erp-again',
  });
  const run = await services.startRun(operator, eviction.id, `eviction ${eviction.totals.rotate}`);
  return { ...base, plans: [eviction, waiting], run };
}

async function approve({ services, estateName }: Opened, folder: string, plan: string): Promise<void> {
  for (const approver of approvers) {
    const { id, hash } = await services.approvable(operator, plan);
    const signature = signApproval({ id, hash, estate: estateName }, keyOf(folder, approver), `${approver}.key`);
    await services.approve(operator, plan, { approver, signature });
  }
}

/** The waves before the last change hundreds at once and leave two cores little for a page; the last lasts for minutes, a few accounts per second. */
export async function lastWave({ estate: { services }, run }: Served): Promise<void> {
  const reached = async (): Promise<boolean> => (await services.run(operator, run.id)).waves.at(-1)?.state !== 'waiting';
  await vi.waitUntil(reached, { timeout: 300_000, interval: 500 });
}
