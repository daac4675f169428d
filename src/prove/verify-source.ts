// Checks a bundle wherever its files lie: no store, no network, only the files and, better, a key known from elsewhere. Runs in Node and in browsers.
import { base64 } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import type { BundleSource } from './bundle-source.ts';
import type { Finding } from './finding.ts';
import type { VerifyApproval } from './port.ts';
import { verifyContent } from './verify-content.ts';
import { verifyFiles } from './verify-files.ts';

export type VerifyOptions = {
  readonly verifyApproval: VerifyApproval;
  /** The verifier key line (name+hash+key) that the reader knows out of band. */
  readonly key?: string;
};

export type Verified =
  | {
      readonly ok: true;
      readonly estate: string;
      readonly run: string;
      readonly planHash: string;
      readonly demo: boolean;
      readonly entries: number;
      readonly items: number;
      readonly approvals: readonly string[];
      /** Whose keys the log counted, and who says that they are theirs. */
      readonly approvedWith: readonly string[];
      readonly checkpoint: { readonly origin: string; readonly size: number; readonly root: string };
      readonly key: string;
      /** False: the key is the bundle's own, and whoever made a false bundle could have put it there. */
      readonly pinned: boolean;
      readonly trust: string;
    }
  | (Finding & { readonly ok: false; readonly findings: readonly Finding[] });

export async function verifySource(source: BundleSource, cryptography: Cryptography, options: VerifyOptions): Promise<Verified> {
  const { findings, key, manifest, head } = await verifyFiles(source, cryptography, options.key);
  if (findings.length > 0 || key === undefined || manifest === undefined || head === undefined) return failed(findings);
  const content = await verifyContent({ source, cryptography }, manifest, options.verifyApproval);
  if (content.findings.length > 0) return failed(content.findings);
  const pinned = options.key !== undefined;
  return {
    ok: true,
    estate: manifest.estate,
    run: manifest.run,
    planHash: manifest.planHash,
    demo: manifest.demo,
    entries: head.size,
    items: content.items,
    approvals: content.approvals,
    approvedWith: content.trust,
    checkpoint: { origin: head.origin, size: head.size, root: base64(head.root) },
    key: key.line,
    pinned,
    trust: pinned
      ? `signed by the key you gave: ${key.line}`
      : `signed by ${key.line}, taken from the bundle itself: compare it with the key you were given another way, or pass --key`,
  };
}

function failed(findings: readonly Finding[]): Verified {
  const [first] = findings;
  if (first === undefined) throw new Error('a bundle failed without a finding');
  return { ok: false, ...first, findings };
}
