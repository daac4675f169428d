// Turns an error of the file system into a fault that says what happened without quoting any content.
import type { Fault, FaultCode } from '../../kit/kit.ts';

const codes: Readonly<Record<string, readonly [code: FaultCode, message: string]>> = {
  ENOENT: ['not-found', 'there is no such file'],
  ENOTDIR: ['not-found', 'a part of the path is not a folder'],
  EISDIR: ['conflict', 'the path is a folder'],
  EACCES: ['permission', 'the user Rekey runs as may not do this'],
  EPERM: ['permission', 'the user Rekey runs as may not do this'],
  EROFS: ['permission', 'the file system is read-only'],
  ELOOP: ['conflict', 'the path is a symbolic link where a file was expected'],
  ENOSPC: ['unreachable', 'the disk is full'],
  EDQUOT: ['unreachable', 'the disk quota is used up'],
};

export const errorCode = (error: unknown): string => {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : 'UNKNOWN';
};

export function ioFault(error: unknown, path: string): Fault {
  const target = errorCode(error);
  const [code, message] = codes[target] ?? ['protocol', `the file system answered ${target}`];
  return { code, message: `${path}: ${message}`, target };
}
