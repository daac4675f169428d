// The bytes of a bundle against its signatures: any altered, missing or added byte is named by its file, and in the log by its entry.
import { concat, hex, shownText } from '../cryptography/bytes.ts';
import type { Cryptography } from '../cryptography/port.ts';
import { type BundleName, formatOf, type Manifest, manifestNoteText, namesOf, parseManifest } from './bundle-files.ts';
import { type BundleSource, wholeFile } from './bundle-source.ts';
import { type Head, originOf, parseCheckpoint } from './checkpoint-text.ts';
import { type Finding, shown } from './finding.ts';
import { linesOf } from './lines.ts';
import { Frontier, hashSize, leafHash, sameHash } from './merkle.ts';
import { type NoteKey, openNote, parseNoteKey } from './note.ts';

/** Files we read whole are small; a larger one is damaged. plan.json is a header, never the items. */
const smallFile = 16 * 1024 * 1024;

export type Files = { readonly findings: readonly Finding[]; readonly key?: NoteKey; readonly manifest?: Manifest; readonly head?: Head };

type Reading = { readonly source: BundleSource; readonly cryptography: Cryptography };

/** `pinned` is the key line known from elsewhere; without it the bundle's own key.pub is believed. */
export async function verifyFiles(source: BundleSource, cryptography: Cryptography, pinned?: string): Promise<Files> {
  const reading = { source, cryptography };
  const findings: Finding[] = await listing(source);
  if (findings.length > 0) return { findings };
  const key = await readKey(reading, pinned, findings);
  if (key === undefined) return { findings };
  const manifest = await readManifest(reading, key, findings);
  const head = await readHead(reading, key, findings);
  // the log stands on its own signed checkpoint: an altered entry is named even when the manifest was rewritten to fit
  if (head !== undefined) findings.push(...(await compareLog(reading, head)));
  if (manifest === undefined) return { findings, key };
  const named = new Set(findings.map((finding) => finding.file));
  for (const file of manifest.files) {
    const { size, sha256 } = await digestOf(reading, file.name);
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

async function listing(source: BundleSource): Promise<Finding[]> {
  const present = await source.names();
  const small = present.includes('manifest.json') && (await source.size('manifest.json')) <= smallFile;
  const wanted = namesOf(formatOf(small ? shownText(await wholeFile(source, 'manifest.json')) : ''));
  const missing = wanted.filter((name) => !present.includes(name));
  const added = present.filter((name) => !(wanted as readonly string[]).includes(name));
  return [
    ...missing.map((file) => ({ file, reason: `${file} is missing` })),
    ...added.map((file) => ({ file, reason: `${file} does not belong to the bundle` })),
  ];
}

async function readKey(reading: Reading, pinned: string | undefined, findings: Finding[]): Promise<NoteKey | undefined> {
  const text = await small(reading, 'key.pub', findings);
  if (text === undefined) return undefined;
  const line = shownText(text);
  const key = line.endsWith('\n') ? parseNoteKey(reading.cryptography.sha256, line.slice(0, -1)) : undefined;
  if (key === undefined || `${key.line}\n` !== line)
    findings.push({ file: 'key.pub', reason: 'key.pub is not a verifier key: its parts do not fit each other' });
  else if (pinned !== undefined && pinned.trim() !== key.line)
    findings.push({ file: 'key.pub', reason: `the bundle is signed with ${key.line}, the key you gave is ${pinned.trim()}` });
  else return key;
  return undefined;
}

async function readManifest(reading: Reading, key: NoteKey, findings: Finding[]): Promise<Manifest | undefined> {
  const [note, text] = [await small(reading, 'manifest.note', findings), await small(reading, 'manifest.json', findings)];
  if (note === undefined || text === undefined) return undefined;
  const opened = await openNote(note, key, reading.cryptography, { only: true });
  if (!opened.ok) {
    findings.push({ file: 'manifest.note', reason: `the manifest's signature does not hold: ${opened.reason}` });
    return undefined;
  }
  const manifest = parseManifest(shownText(text));
  // origin is inside the note, so a manifest cannot be put under another run's signature
  if (manifest !== undefined) {
    const origin = originOf(manifest.estate, manifest.run);
    if (manifestNoteText(reading.cryptography.sha256, shownText(text), origin) === opened.text) return manifest;
  }
  findings.push({ file: 'manifest.json', reason: 'manifest.json is not the one that was signed in manifest.note' });
  return undefined;
}

async function readHead(reading: Reading, key: NoteKey, findings: Finding[]): Promise<Head | undefined> {
  const note = await small(reading, 'checkpoint', findings);
  if (note === undefined) return undefined;
  const opened = await openNote(note, key, reading.cryptography);
  const head = opened.ok ? parseCheckpoint(opened.text) : undefined;
  if (head === undefined)
    findings.push({ file: 'checkpoint', reason: `the checkpoint does not hold: ${opened.ok ? 'it is malformed' : opened.reason}` });
  return head;
}

/** leaves has the hash of every entry; its root is signed, so the first entry that differs is known for certain. */
async function compareLog(reading: Reading, head: Head): Promise<Finding[]> {
  const leavesOk = await leavesFit(reading, head);
  const findings: Finding[] = [];
  if (!leavesOk)
    findings.push({ file: 'leaves', reason: `the hashes in leaves do not give the root in the checkpoint over ${head.size} entries` });
  const found = leavesOk ? await firstAltered(reading, head) : await wholeLog(reading, head);
  return found === undefined ? findings : [...findings, found];
}

async function* leavesOf(source: BundleSource): AsyncGenerator<Uint8Array> {
  let rest: Uint8Array = new Uint8Array();
  for await (const chunk of source.stream('leaves')) {
    const data = rest.length === 0 ? chunk : concat(rest, chunk);
    let at = 0;
    for (; at + hashSize <= data.length; at += hashSize) yield data.subarray(at, at + hashSize);
    rest = data.slice(at);
  }
}

async function leavesFit({ source, cryptography }: Reading, head: Head): Promise<boolean> {
  if ((await source.size('leaves')) !== head.size * hashSize) return false;
  const frontier = new Frontier(cryptography.sha256);
  // copied: a leaf is kept in the tree's edge longer than the chunk it came in
  for await (const leaf of leavesOf(source)) frontier.append(leaf.slice());
  return sameHash(frontier.root(), head.root);
}

async function firstAltered({ source, cryptography }: Reading, head: Head): Promise<Finding | undefined> {
  const file = 'entries.ndjson';
  const leaves = leavesOf(source);
  try {
    let entry = 0;
    for await (const page of linesOf(source.stream(file)))
      for (const { bytes, ended } of page) {
        const at = { file, entry, line: shown(bytes) };
        if (entry >= head.size) return { ...at, reason: `entry ${entry} is not in the log: ${head.size} entries were signed` };
        const leaf = await leaves.next();
        if (leaf.done === true || !sameHash(leafHash(cryptography.sha256, bytes), leaf.value))
          return { ...at, reason: `entry ${entry} (line ${entry + 1}) is not the one that was signed` };
        if (!ended) return { ...at, reason: `entry ${entry} (line ${entry + 1}) has lost its line end` };
        entry += 1;
      }
    return entry === head.size
      ? undefined
      : { file, entry, reason: `entry ${entry} and what follows is missing: ${head.size} entries were signed, ${entry} are there` };
  } finally {
    await leaves.return(undefined);
  }
}

async function wholeLog({ source, cryptography }: Reading, head: Head): Promise<Finding | undefined> {
  const frontier = new Frontier(cryptography.sha256);
  for await (const page of linesOf(source.stream('entries.ndjson')))
    for (const { bytes } of page) frontier.append(leafHash(cryptography.sha256, bytes));
  if (frontier.size === head.size && sameHash(frontier.root(), head.root)) return undefined;
  return {
    file: 'entries.ndjson',
    reason: 'the entries do not give the signed root; which one was altered cannot be told, since leaves was altered too',
  };
}

async function digestOf({ source, cryptography }: Reading, name: string): Promise<{ readonly size: number; readonly sha256: string }> {
  const sha = cryptography.running();
  let size = 0;
  for await (const chunk of source.stream(name)) {
    sha.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hex(sha.digest()) };
}

async function small({ source }: Reading, file: BundleName, findings: Finding[]): Promise<Uint8Array | undefined> {
  const size = await source.size(file);
  if (size <= smallFile) return wholeFile(source, file);
  findings.push({ file, reason: `${file} has ${size} bytes: it was altered` });
  return undefined;
}
