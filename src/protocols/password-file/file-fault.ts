// An error of the file system as a refusal: nothing was changed, and no content is quoted.
import { type FaultCode, type Outcome, refused } from '../../kit/kit.ts';

const codes: Readonly<Record<string, readonly [code: FaultCode, say: string]>> = {
  ENOENT: ['unreachable', 'there is no such file'],
  ENOTDIR: ['unreachable', 'a part of the path is not a folder'],
  EISDIR: ['conflict', 'the path is a folder'],
  EACCES: ['permission', 'the user Rekey runs as may not do this'],
  EPERM: ['permission', 'the user Rekey runs as may not do this'],
  EROFS: ['permission', 'the file system is read-only'],
  ENOSPC: ['unreachable', 'the disk is full'],
  EDQUOT: ['unreachable', 'the disk quota is used up'],
};

export const errorCode = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
};

export function fileFault(error: unknown, path: string): Outcome<never> {
  const target = errorCode(error);
  const [code, say] = codes[target] ?? ['protocol', `the file system answered ${target}`];
  return refused(code, `${path}: ${say}`, { target });
}
