// Whether this machine has what the documents' commands are typed with; where it has not, those tests are skipped by name.
import { spawnSync } from 'node:child_process';

export const blocksRun = ['bash', 'ssh-keygen', 'sed', 'cmp'].every(
  (tool) => spawnSync('sh', ['-c', `command -v ${tool}`], { timeout: 10_000 }).status === 0,
);
