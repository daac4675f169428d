// Secrets in configuration files of this machine: exchanged in place, atomically, with everything else in the file left as it was.
import { access, constants, realpath, stat } from 'node:fs/promises';
import { type Capabilities, type Check, defineConnector } from '../../kit/kit.ts';
import { storeSupports } from '../../kit/roles.ts';
import { fileConfig } from './config.ts';
import { ioFault } from './io-fault.ts';
import { Reach } from './reach.ts';
import { fileStore } from './store.ts';

export const file = defineConnector({
  id: 'file',
  title: 'Files',
  role: 'store',
  config: fileConfig,
  supports: { ...storeSupports, check: true },
  permissions: {
    storeConsumer: [
      'read and write the file, write its folder (a new file replaces the old one)',
      'chown, when the file belongs to another user or group (root, or CAP_CHOWN)',
      'for `signal:` the right to signal the process, for `exec:` the right to start the command',
    ],
  },
  derivatives: [
    {
      what: 'The value in the memory of a running consumer',
      killedBy: 'reload or restart of the consumer',
      residual: 'as long as the process runs',
    },
    {
      what: 'Copies: backups, images, snapshots, editor swap files',
      killedBy: 'the reset at the system itself makes them worthless',
      residual: 'none once the old secret is denied',
    },
    {
      what: 'Blocks of the replaced file on the disk',
      killedBy: 'not ended: file systems keep them until reused',
      residual: 'none once the old secret is denied',
    },
  ],
  pace: { perSecond: 200, concurrency: 8, setMs: 10, probeMs: 1 },
  async open(config, io) {
    const reach = new Reach(config, io);
    return {
      check: { run: () => checks(reach) },
      storeConsumer: fileStore(config, io, reach),
      async [Symbol.asyncDispose]() {},
    };
  },
});

async function* checks(reach: Reach): ReturnType<Capabilities['check']['run']> {
  try {
    const folder = await stat(await realpath(reach.root));
    if (!folder.isDirectory()) throw Object.assign(new Error('not a folder'), { code: 'ENOTDIR' });
    yield { id: 'reach', verdict: 'ok', message: reach.root } satisfies Check;
  } catch (error) {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: ioFault(error, reach.root).message,
      next: 'Make the folder, or correct "root" of this system in the estate file.',
    };
    return;
  }
  try {
    await access(reach.root, constants.R_OK | constants.W_OK | constants.X_OK);
    yield { id: 'rights', verdict: 'ok', message: 'files in the folder can be replaced' };
  } catch {
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `${reach.root} is not writable for this user`,
      next: 'Files are replaced, not overwritten: give the user write permission on the folders that hold them.',
    };
  }
}
