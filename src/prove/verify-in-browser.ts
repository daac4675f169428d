// The verifier as the console runs it: the code of `rekey evidence verify` over files in memory, with WebCrypto. Nothing of Node is reachable from here.
import { approvalVerifier } from '../approve/verify-approval.ts';
import { webCryptography } from '../cryptography/web.ts';
import { filesInMemory } from './bundle-source.ts';
import { readTar } from './tar.ts';
import { type Verified, verifySource } from './verify-source.ts';

export type { Verified } from './verify-source.ts';

/** `files`: name → bytes, all of the bundle's. `key`: the verifier key that the reader was given another way. */
export async function verifyBundle(files: ReadonlyMap<string, Uint8Array>, key?: string): Promise<Verified> {
  const verifyApproval = approvalVerifier(webCryptography);
  return verifySource(filesInMemory(files), webCryptography, { verifyApproval, ...(key === undefined ? {} : { key }) });
}

/** The files of a downloaded archive. Throws, in words for people, when it is not one of ours. */
export async function filesOfTar(archive: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const found = await readTar(async (at, length) => archive.subarray(at, at + length), archive.length);
  if (!found.ok) throw new Error(`this is not a bundle's archive: ${found.why}`);
  return new Map([...found.files].map(([name, { start, size }]) => [name, archive.subarray(start, start + size)]));
}
