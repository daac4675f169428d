// `npm run lab:down -- DIR`: stops what `lab:up` started there, by the process ids it recorded. For when its window is gone; Ctrl-C in it does the same.
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { stopRecorded } from './recorded.ts';

const [folder] = process.argv.slice(2);
if (folder === undefined || !existsSync(folder)) {
  process.stderr.write(
    `usage: npm run lab:down -- DIR   DIR: the folder given to lab:up${folder === undefined ? '' : `; there is no ${folder}`}\n`,
  );
  process.exit(2);
}
process.stdout.write(`${await stopRecorded(resolve(folder))} servers stopped\n`);
