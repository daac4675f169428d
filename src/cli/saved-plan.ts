// A plan named by id or by the file `plan -o` wrote. A file that no longer says what the stored plan says is refused.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { z } from 'zod';
import { normalId } from '../domain/id.ts';
import { canonical, type Json } from '../domain/json.ts';
import { Problem } from '../domain/problem.ts';
import type { PlanView } from '../domain/view.ts';
import type { Cli } from './cli.ts';
import { problemFrom } from './client.ts';
import type { Connection } from './connect.ts';
import { cleanAll } from './terminal.ts';

const savedSchema = z.object({
  apiVersion: z.literal('rekey/v1'),
  kind: z.literal('Plan'),
  data: z.looseObject({ id: z.string(), hash: z.string() }),
});
/** A plan document is a few KiB however many accounts it covers. */
const largest = 4 * 1024 * 1024;

/** The stored plan; with a file, after every field of it was compared. Approvals are left out: they come after the file. */
export async function planNamed(cli: Cli, { api }: Connection, named: string): Promise<PlanView> {
  const file = resolve(cli.terminal.cwd, named);
  const isId = /^[PpHh]-[0-9A-Za-z]+$/.test(named);
  if (isId && !existsSync(file)) return cli.json ? fetched(api, named) : cleanAll(await fetched(api, named));
  const saved = await read(file, named);
  const stored = await fetched(api, saved.id);
  for (const key of new Set([...Object.keys(saved), ...Object.keys(stored)])) {
    if (key === 'approvals') continue;
    if (text(saved[key]) === text((stored as unknown as Record<string, unknown>)[key])) continue; // compared as JSON, whatever the field
    throw new Problem('plan-tampered', {
      place: `${named}: data.${key}`,
      message: `the file does not say what plan ${stored.id} says; nothing was changed`,
      hint: `rekey plan show ${stored.id}, or make a new plan`,
    });
  }
  return cli.json ? stored : cleanAll(stored);
}

const text = (value: unknown) => canonical((value ?? null) as Json); // both sides were parsed from JSON

async function fetched(api: Connection['api'], id: string): Promise<PlanView> {
  const { data, error, response } = await api.GET('/v1/plans/{id}', { params: { path: { id: normalId(id) } } });
  if (data === undefined) throw problemFrom(error, response.status);
  return data;
}

async function read(file: string, named: string): Promise<{ readonly id: string; readonly hash: string; readonly [key: string]: unknown }> {
  const hint = 'give the id of a plan (rekey plan ls) or the file that `rekey plan -o FILE` wrote';
  let content: Buffer;
  try {
    content = await readFile(file);
  } catch (error) {
    throw new Problem('not-found', {
      place: named,
      message: `no such plan and no such file (${(error as NodeJS.ErrnoException).code ?? 'error'})`,
      hint,
    });
  }
  let parsed: unknown;
  try {
    parsed = content.length > largest ? undefined : JSON.parse(content.toString('utf8'));
  } catch {
    parsed = undefined;
  }
  const saved = savedSchema.safeParse(parsed);
  if (!saved.success) throw new Problem('usage', { place: named, message: 'this file is not a saved plan', hint });
  return saved.data.data;
}
