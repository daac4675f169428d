// What a file store's block of the estate file may say; unknown keys are errors.
import { z } from 'zod';

export const fileConfig = z.strictObject({
  /** Folder of relative paths, relative to the estate file. Left out: the estate file's folder. */
  root: z.string().min(1).optional(),
  /** Which files may be written (`*` within a folder, `**` across). Relative patterns start at root, absolute ones may lead out of it. Left out: all under root. */
  allow: z.array(z.string().min(1)).optional(),
  /** Adds keys and files that are not there yet. */
  create: z.boolean().default(false),
  /** Executables that reloads and health checks may start, by full path or name. Left out: any. */
  commands: z.array(z.string().min(1)).optional(),
  /** Hosts that reloads and health checks may call. Left out: any but link-local and metadata addresses. */
  hosts: z.array(z.string().min(1)).optional(),
  lockTimeoutMs: z.number().int().positive().default(10_000),
  reloadTimeoutMs: z.number().int().positive().default(30_000),
});
export type FileConfig = z.infer<typeof fileConfig>;
