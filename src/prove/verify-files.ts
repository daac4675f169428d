// The bytes of a bundle against its signatures: any altered, missing or added byte is named by its file, and in the log by its entry.
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { type BundleName, bundleNames, type Manifest, manifestNoteText, parseManifest } from './bundle-files.ts';
import { type Head, originOf, parseCheckpoint } from './checkpoint-text.ts';
import { type Finding, shown } from './finding.ts';
import { linesOf } from './lines.ts';
import { Frontier, hashSize, leafHash, sameHash } from './merkle.ts';
import { type NoteKey, openNote, parseNoteKey } from './note.ts';

/** Files we read whole are small; a larger one is damaged. plan.json is a header, never the items. */
const smallFile = 16 * 1024 * 1024;

export type Files = { readonly findings: readonly Finding[]; readonly key?: NoteKey; readonly manifest?: Manifest; readonly head?: Head };

/** `pinned` is the key line known from elsewhere; without it the bundle's own key.pub is believed. */
export async function verifyFiles(folder: string, pinned?: string): Promise<Files> {
  const findings: Finding[] = await listing(folder);
  if (findings.length > 0) return { findings };
  const key = await readKey(folder, pinned, findings);
  if (key === undefined) return { findings };
  const manifest = await readManifest(folder, key, findings);
  const head = await readHead(folder, key, findings);
  // the log stands on its own signed checkpoint: an altered entry is named even when the manifest was rewritten to fit
  if (head !== undefined) findings.push(...(await compareLog(folder, head)));
  if (manifest === undefined) return { findings, key };
  const named = new Set(findings.map((finding) => finding.file));
  for (const file of manifest.files) {
    const { size, sha256 } = await digestOf(join(folder, file.name));
    if (named.has(file.name) || (size === file.size && sha256 === file.sha256)) continue;
    const how = size === file.size ? 'its SHA-256 differs' : `it has ${size} bytes, not ${file.size}`;
    findings.push({ file: file.name, reason: `${file.name} is not the file the manifest lists: ${how}` });
  }
  if (head !== undefined && head.origin !== originOf(manifest.estate, manifest.run))
    findings.push({
      file: 'checkpoint',
      reason: `the checkpoint is of log ${head.origin}, the manifest of ${originOf(manifest.estate, manifest.run)}`,
    });
  if (head !== undefined && head.size !== manifest.entries)
    findings.push({ file: 'checkpoint', reason: `the checkpoint is over ${head.size} entries, the manifest over ${manifest.entries}` });
  return { findings, key, manifest, ...(head === undefined ? {} : { head }) };
}

async function listing(folder: string): Promise<Finding[]> {
  const present = await readdir(folder);
  const missing = bundleNames.filter((name) => !present.includes(name));
  const added = present.filter((name) => !(bundleNames as readonly string[]).includes(name));
  return [
    ...missing.map((file) => ({ file, reason: `${file} is missing` })),
    ...added.map((file) => ({ file, reason: `${file} does not belong to the bundle` })),
  ];
}

async function readKey(folder: string, pinned: string | undefined, findings: Finding[]): Promise<NoteKey | undefined> {
  const text = await small(folder, 'key.pub', findings);
  if (text === undefined) return undefined;
  const line = text.toString('utf8');
  const key = line.endsWith('\n') ? parseNoteKey(line.slice(0, -1)) : undefined;
  if (key === undefined || `${key.line}\n` !== line)
    findings.push({ file: 'key.pub', reason: 'key.pub is not a verifier key: its parts do not fit each other' });
  else if (pinned !== undefined && pinned.trim() !== key.line)
    findings.push({ file: 'key.pub', reason: `the bundle is signed with ${key.line}, the key you gave is ${pinned.trim()}` });
  else return key;
  return undefined;
}

async function readManifest(folder: string, key: NoteKey, findings: Finding[]): Promise<Manifest | undefined> {
  const [note, text] = [await small(folder, 'manifest.note', findings), await small(folder, 'manifest.json', findings)];
  if (note === undefined || text === undefined) return undefined;
  const opened = openNote(note, key, { only: true });
  if (!opened.ok) {
    findings.push({ file: 'manifest.note', reason: `the manifest's signature does not hold: ${opened.reason}` });
    return undefined;
  }
  const manifest = parseManifest(text.toString('utf8'));
  // origin is inside the note, so a manifest cannot be put under another run's signature
  if (manifest !== undefined && manifestNoteText(text.toString('utf8'), originOf(manifest.estate, manifest.run)) === opened.text)
    return manifest;
  findings.push({ file: 'manifest.json', reason: 'manifest.json is not the one that was signed in manifest.note' });
  return undefined;
}

async function readHead(folder: string, key: NoteKey, findings: Finding[]): Promise<Head | undefined> {
  const note = await small(folder, 'checkpoint', findings);
  if (note === undefined) return undefined;
  const opened = openNote(note, key);
  const head = opened.ok ? parseCheckpoint(opened.text) : undefined;
  if (head === undefined)
    findings.push({ file: 'checkpoint', reason: `the checkpoint does not hold: ${opened.ok ? 'it is malformed' : opened.reason}` });
  return head;
}

/** leaves has the hash of every entry; its root is signed, so the first entry that differs is known for certain. */
async function compareLog(folder: string, head: Head): Promise<Finding[]> {
  const leavesOk = await leavesFit(join(folder, 'leaves'), head);
  const findings: Finding[] = [];
  if (!leavesOk)
    findings.push({ file: 'leaves', reason: `the hashes in leaves do not give the root in the checkpoint over ${head.size} entries` });
  const found = leavesOk ? await firstAltered(folder, head) : await wholeLog(folder, head);
  return found === undefined ? findings : [...findings, found];
}

async function leavesFit(path: string, head: Head): Promise<boolean> {
  if ((await stat(path)).size !== head.size * hashSize) return false;
  const frontier = new Frontier();
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of createReadStream(path, { highWaterMark: 4096 * hashSize })) {
    const data = Buffer.concat([rest, chunk as Buffer]);
    let at = 0;
    for (; at + hashSize <= data.length; at += hashSize) frontier.append(data.subarray(at, at + hashSize));
    rest = data.subarray(at);
  }
  return sameHash(frontier.root(), head.root);
}

async function firstAltered(folder: string, head: Head): Promise<Finding | undefined> {
  const file = 'entries.ndjson';
  const leaves = await open(join(folder, 'leaves'));
  try {
    let entry = 0;
    for await (const page of linesOf(join(folder, file))) {
      const hashes = Buffer.alloc(page.length * hashSize);
      await leaves.read(hashes, 0, hashes.length, entry * hashSize);
      for (const [i, { bytes, ended }] of page.entries()) {
        const at = { file, entry, line: shown(bytes) };
        if (entry >= head.size) return { ...at, reason: `entry ${entry} is not in the log: ${head.size} entries were signed` };
        if (!sameHash(leafHash(bytes), hashes.subarray(i * hashSize, (i + 1) * hashSize)))
          return { ...at, reason: `entry ${entry} (line ${entry + 1}) is not the one that was signed` };
        if (!ended) return { ...at, reason: `entry ${entry} (line ${entry + 1}) has lost its line end` };
        entry += 1;
      }
    }
    return entry === head.size
      ? undefined
      : { file, entry, reason: `entry ${entry} and what follows is missing: ${head.size} entries were signed, ${entry} are there` };
  } finally {
    await leaves.close();
  }
}

async function wholeLog(folder: string, head: Head): Promise<Finding | undefined> {
  const frontier = new Frontier();
  for await (const page of linesOf(join(folder, 'entries.ndjson'))) for (const { bytes } of page) frontier.append(leafHash(bytes));
  if (frontier.size === head.size && sameHash(frontier.root(), head.root)) return undefined;
  return {
    file: 'entries.ndjson',
    reason: 'the entries do not give the signed root; which one was altered cannot be told, since leaves was altered too',
  };
}

async function digestOf(path: string): Promise<{ readonly size: number; readonly sha256: string }> {
  const sha = createHash('sha256');
  let size = 0;
  for await (const chunk of createReadStream(path)) {
    sha.update(chunk as Buffer);
    size += (chunk as Buffer).length;
  }
  return { size, sha256: sha.digest('hex') };
}

async function small(folder: string, file: BundleName, findings: Finding[]): Promise<Buffer | undefined> {
  const path = join(folder, file);
  const { size } = await stat(path);
  if (size <= smallFile) return readFile(path);
  findings.push({ file, reason: `${file} has ${size} bytes: it was altered` });
  return undefined;
}
