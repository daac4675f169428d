// Playbooks as the rest of the house sees them, with the text whose hash is signed in advance: change a word and the signatures are void.
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { canonical } from '../domain/json.ts';
import type { Mode } from '../domain/run.ts';
import { type Unit, units } from '../domain/selector/ast.ts';
import type { ParameterName } from '../domain/selector/bind.ts';
import type { playbooksShape } from './playbook-shape.ts';

export type Cap = { readonly credentials: number; readonly systems: number; readonly tier0: number };
export type PlaybookSpec = {
  readonly id: string;
  readonly where: string;
  readonly mode: Mode;
  readonly reason: string;
  readonly parameters: readonly ParameterName[];
  readonly cap: Cap;
  readonly cooldownMs: number;
  readonly preApproved?: { readonly by: readonly string[]; readonly until: string };
  /** Canonical JSON of all of the above; `hash` is its SHA-256 in hex. */
  readonly text: string;
  readonly hash: string;
};

export function playbookSpec(file: NonNullable<z.infer<typeof playbooksShape>>[number]): PlaybookSpec {
  const cooldown = /^(\d+)([smhd])$/.exec(file.cooldown ?? '0s');
  const spec = {
    id: file.id,
    where: file.where,
    mode: file.mode ?? ('contain' as const),
    reason: file.reason,
    parameters: [...(file.parameters ?? [])].sort(),
    cap: { credentials: file.cap.credentials, systems: file.cap.systems, tier0: file.cap.tier0 ?? 0 },
    cooldownMs: Number(cooldown?.[1] ?? 0) * units[(cooldown?.[2] ?? 's') as Unit] * 1000, // the shape's pattern allows these letters only
    ...(file.preApproved === undefined
      ? {}
      : { preApproved: { by: [...file.preApproved.by].sort(), until: new Date(file.preApproved.until).toISOString() } }),
  };
  const text = canonical(spec);
  return { ...spec, text, hash: createHash('sha256').update(text, 'utf8').digest('hex') };
}
