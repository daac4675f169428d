// A file of the benches that runs in its own process: compiled when the bench is, from source otherwise.
import { fileURLToPath } from 'node:url';

/** Arguments for node. `path`: relative to `from` (an import.meta.url), without its ending. */
export function childArgs(from: string, path: string): string[] {
  const source = from.endsWith('.ts');
  const file = fileURLToPath(new URL(`${path}.${source ? 'ts' : 'js'}`, from));
  return source ? ['--import', 'tsx', file] : [file];
}
