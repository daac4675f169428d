// The files of a bundle and its manifest: every byte of every file is under one signature.
import { hash } from 'node:crypto';
import { canonical, type Json } from '../domain/json.ts';

/** Listed in the manifest with size and SHA-256. */
export const listedFiles = [
  'README.txt',
  'report.html',
  'report.json',
  'items.csv',
  'exceptions.csv',
  'entries.ndjson',
  'leaves',
  'checkpoint',
  'plan.json',
  'plan-items.ndjson',
  'approvals.json',
  'items.ndjson',
  'key.pub',
] as const;
export type ListedFile = (typeof listedFiles)[number];

/** The manifest binds the listed files; the note, signed by the log's key, binds the manifest. */
export const bundleNames = [...listedFiles, 'manifest.json', 'manifest.note'] as const;
export type BundleName = (typeof bundleNames)[number];

export type FileDigest = { readonly name: ListedFile; readonly size: number; readonly sha256: string };
export type Manifest = {
  readonly estate: string;
  readonly run: string;
  readonly plan: string;
  readonly planHash: string;
  readonly tool: string;
  readonly demo: boolean;
  readonly at: string;
  readonly entries: number;
  readonly files: readonly FileDigest[];
};

const format = 'rekey-bundle/v1';

/** One file per line, so that people and `diff` can read it. Field order is fixed: these bytes are what is signed. */
export function manifestText(manifest: Manifest): string {
  const { files, ...head } = manifest;
  const fields = Object.entries({ format, ...head }).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{\n${fields.join('')}  "files": [\n${files.map((f) => `    ${canonical(f as unknown as Json)}`).join(',\n')}\n  ]\n}\n`;
}

/** Undefined unless the text is exactly what `manifestText` writes for it, with every file once. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const { format: read, ...manifest } = JSON.parse(text) as Manifest & { format: string };
    if (read !== format || manifestText(manifest) !== text) return undefined;
    const names = manifest.files.map((file) => file.name);
    return names.length === listedFiles.length && listedFiles.every((name) => names.includes(name)) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

export const manifestNoteText = (manifest: string, origin: string): string =>
  `${format}\n${origin}\nmanifest.json sha256 ${hash('sha256', Buffer.from(manifest, 'utf8'), 'hex')}\n`;
