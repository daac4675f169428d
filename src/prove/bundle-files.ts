// The files of a bundle and its manifest: every byte of every file is under one signature.
import { hex, utf8 } from '../cryptography/bytes.ts';
import { canonical, type Json } from '../domain/json.ts';
import type { Digest } from './merkle.ts';

/** The files of the first format: bundles of that time still verify. */
const firstFiles = [
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
/** Listed in the manifest with size and SHA-256. */
const listedFiles = [...firstFiles, 'approvers.json', 'people.ndjson'] as const;
export type ListedFile = (typeof listedFiles)[number];

/** The manifest binds the listed files; the note, signed by the log's key, binds the manifest. */
const signedFiles = ['manifest.json', 'manifest.note'] as const;
export const bundleNames = [...listedFiles, ...signedFiles] as const;
export type BundleName = (typeof bundleNames)[number];

const formats = { 'rekey-bundle/v1': firstFiles, 'rekey-bundle/v2': listedFiles } as const;
export type BundleFormat = keyof typeof formats;
export const presentFormat = 'rekey-bundle/v2' satisfies BundleFormat;

/** What a bundle of this format consists of. */
export const namesOf = (format: BundleFormat): readonly BundleName[] => [...formats[format], ...signedFiles];

/** As the text says of itself, before anything is checked. */
export function formatOf(manifest: string): BundleFormat {
  return manifest.startsWith('{\n  "format": "rekey-bundle/v1",\n') ? 'rekey-bundle/v1' : presentFormat;
}

export type FileDigest = { readonly name: ListedFile; readonly size: number; readonly sha256: string };
export type Manifest = {
  readonly format: BundleFormat;
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

/** One file per line, so that people and `diff` can read it. Field order is fixed: these bytes are what is signed. */
export function manifestText(manifest: Manifest): string {
  const { files, format, ...head } = manifest;
  const fields = Object.entries({ format, ...head }).map(([key, value]) => `  ${JSON.stringify(key)}: ${JSON.stringify(value)},\n`);
  return `{\n${fields.join('')}  "files": [\n${files.map((f) => `    ${canonical(f as unknown as Json)}`).join(',\n')}\n  ]\n}\n`;
}

/** Undefined unless the text is exactly what `manifestText` writes for it, with every file once. */
export function parseManifest(text: string): Manifest | undefined {
  try {
    const manifest = JSON.parse(text) as Manifest;
    if (!Object.hasOwn(formats, manifest.format) || manifestText(manifest) !== text) return undefined;
    const [names, listed] = [manifest.files.map((file) => file.name), formats[manifest.format]];
    return names.length === listed.length && listed.every((name) => names.includes(name)) ? manifest : undefined;
  } catch {
    return undefined;
  }
}

export const manifestNoteText = (sha256: Digest, manifest: string, origin: string): string =>
  `${formatOf(manifest)}\n${origin}\nmanifest.json sha256 ${hex(sha256(utf8(manifest)))}\n`;
