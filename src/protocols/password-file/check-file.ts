// What doctor shows of a password file: can it be read, replaced with the owner it has, and is it closed to everybody else.
import { constants } from 'node:fs';
import { access, realpath, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Check } from '../../kit/kit.ts';
import { fileFault } from './file-fault.ts';
import { linesOf } from './lines.ts';
import { readText } from './replace-file.ts';

export async function* checkFile(path: string): AsyncGenerator<Check> {
  const text = await readText(path);
  if (text.kind !== 'done') {
    const missing = text.fault.code === 'unreachable';
    yield {
      id: missing ? 'reach' : 'rights',
      verdict: 'fail',
      message: text.fault.message,
      next: 'Name the password file that the server reads as config.file, and let the user Rekey runs as read it.',
    };
    return;
  }
  const lines = linesOf(text.value);
  const users = new Set(lines.map(({ user }) => user));
  yield { id: 'reach', verdict: 'ok', message: `${path}: ${users.size} users` };
  yield await replaceable(path);
  const twice = [...users].filter((user) => lines.filter((line) => line.user === user).length > 1);
  if (twice.length > 0)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${twice.length} users have several lines: servers take the first, and the next one when that is removed`,
      next: 'Remove the lines that are not meant; a reset gives all of them the new hash.',
    };
}

async function replaceable(path: string): Promise<Check> {
  try {
    const file = await realpath(path);
    await access(dirname(file), constants.W_OK);
    const { uid, nlink } = await stat(file);
    const own = process.getuid?.() ?? 0;
    if (nlink > 1)
      return {
        id: 'rights',
        verdict: 'fail',
        message: `${file} has ${nlink} names (hard links): replacing it would leave the others as they are`,
        next: 'Keep one name, and symbolic links for the others.',
      };
    if (own === 0 || own === uid) return { id: 'rights', verdict: 'ok', message: `${file} can be replaced` };
    return {
      id: 'rights',
      verdict: 'fail',
      message: `${file} belongs to another user (${uid}): a new file could not be given to that owner`,
      next: 'Run Rekey as the owner of the file or as root.',
    };
  } catch (error) {
    const { fault } = fileFault(error, path) as { fault: { message: string } }; // always a refusal
    return {
      id: 'rights',
      verdict: 'fail',
      message: `the folder of ${fault.message}`,
      next: 'Let the user Rekey runs as write in the folder of the file: it is replaced as a whole.',
    };
  }
}
