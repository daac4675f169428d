// Checks a bundle on disk, offline: a folder or one .tar.
import { nodeCryptography } from '../cryptography/node.ts';
import { bundleOnDisk } from './bundle-on-disk.ts';
import { type Verified, type VerifyOptions, verifySource } from './verify-source.ts';

export async function verifyBundle(path: string, options: VerifyOptions): Promise<Verified> {
  return verifySource(await bundleOnDisk(path), nodeCryptography, options);
}
