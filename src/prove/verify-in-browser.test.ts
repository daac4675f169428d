// The console's verifier is the CLI's: bundled for a browser it holds nothing of Node, and says the same of good bundles and of altered ones.
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { verifyRegistrationResponse } from '@simplewebauthn/server';
import { build } from 'vite';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Sample, sampleRun } from '../../test/harness/sample-run.ts';
import { VirtualPasskey } from '../../test/harness/virtual-passkey.ts';
import { assertionText, challengeOf } from '../approve/assertion.ts';
import { passkeyLine } from '../approve/passkey-line.ts';
import { approvalVerifier } from '../approve/verify-approval.ts';
import { nodeCryptography } from '../cryptography/node.ts';
import { entryLine } from '../domain/entry.ts';
import { writeBundle } from './bundle.ts';
import { BundleStore } from './bundle-store.ts';
import { signCheckpoint } from './checkpoint.ts';
import { verifyBundle as verifyOnDisk } from './verify.ts';
import type * as InBrowser from './verify-in-browser.ts';

const run = 'R-4T9WZ0AB';
let root: string;
let sample: Sample;
let store: BundleStore;
let browser: typeof InBrowser;
let code: string;

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'rekey-browser-'));
  sample = await sampleRun();
  await approveByPasskey(sample);
  sample.items.splice(0, 2, ...sample.items.slice(0, 2).map((item) => ({ ...item, person: 'alice' })));
  store = new BundleStore(join(root, 'evidence'));
  await store.replace(run, async (folder) => writeBundle(sample.deps, sample.run, await signCheckpoint(sample.deps, run), folder));
  const entry = fileURLToPath(new URL('./verify-in-browser.ts', import.meta.url));
  await build({
    root,
    configFile: false,
    logLevel: 'silent',
    build: { lib: { entry, formats: ['es'], fileName: () => 'verify.mjs' }, outDir: join(root, 'out'), minify: false },
  });
  const file = join(root, 'out', 'verify.mjs');
  code = await readFile(file, 'utf8');
  browser = (await import(pathToFileURL(file).href)) as typeof InBrowser; // what was built from it
});
afterAll(() => rm(root, { recursive: true, force: true }));

/** A real assertion in place of the sample's made-up signature, and the log's word on its key. */
async function approveByPasskey(s: Sample): Promise<void> {
  const origin = 'https://rekey.example.test';
  const rpId = 'rekey.example.test';
  const device = new VirtualPasskey({ origin });
  const enrolled = await verifyRegistrationResponse({
    response: device.register({
      rp: { id: rpId, name: 'Rekey' },
      user: { id: 'YQ', name: 'alice', displayName: 'alice' },
      challenge: 'Y2g',
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
    }),
    expectedChallenge: 'Y2g',
    expectedOrigin: origin,
    expectedRPID: rpId,
  });
  const key = passkeyLine(Buffer.from(enrolled.registrationInfo?.credential.publicKey ?? []).toString('base64url'));
  const message = s.deps.approvalMessage({ id: s.run.plan, hash: s.run.planHash, estate: 'acme' });
  const { response } = device.assert({ challenge: await challengeOf(message, 'alice', nodeCryptography), rpId });
  const { authenticatorData, clientDataJSON, signature } = response;
  const enrolledAt = '2026-11-01T08:00:00.000Z';
  const stored = assertionText({ authenticatorData, clientDataJSON, signature, credential: device.id, enrolledAt, origin, rpId });
  const at = new Date('2026-11-20T09:59:30.000Z');
  s.approvals.splice(0, 1, { approver: 'alice', method: 'passkey', publicKey: key, signature: stored, at });
  s.lines.splice(
    1,
    0,
    entryLine('approval', at, { plan: s.run.plan, name: 'alice', method: 'passkey', key, at: at.toISOString(), enrolledAt }),
  );
}

async function good(): Promise<Map<string, Uint8Array>> {
  const folder = join(root, 'evidence', run);
  const names = await readdir(folder);
  return new Map(await Promise.all(names.map(async (name) => [name, new Uint8Array(await readFile(join(folder, name)))] as const)));
}
async function bothSay(files: ReadonlyMap<string, Uint8Array>) {
  const folder = await mkdtemp(join(root, 'on-disk-'));
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes);
  const onDisk = await verifyOnDisk(folder, { verifyApproval: approvalVerifier(nodeCryptography) });
  expect(await browser.verifyBundle(files)).toEqual(onDisk);
  return onDisk;
}

test('what a browser loads names no module of Node and no Buffer', () => {
  expect(code).not.toMatch(/from ["']node:|require\(|__vite-browser-external|\bBuffer\.|\bprocess\./);
  expect(code.length).toBeLessThan(100_000);
});

test('a good bundle is good in both, names whose word its keys stand on, and a pinned key is compared', async () => {
  const files = await good();
  const said = await bothSay(files);
  expect(said).toMatchObject({
    ok: true,
    run,
    approvals: ['alice'],
    approvedWith: [expect.stringMatching(/enrolled as theirs on 2026-11-01.*server's word/)],
  });
  const key = sample.deps.signer.key.line;
  expect(await browser.verifyBundle(files, key)).toMatchObject({ ok: true, pinned: true });
  expect(await browser.verifyBundle(files, `${key}x`)).toMatchObject({ ok: false, file: 'key.pub' });
});

test('an altered byte of any file, a missing file and an added one are found in both, with the same words', async () => {
  for (const name of (await good()).keys()) {
    for (const place of [0, 0.5, 1]) {
      const files = await good();
      const bytes = files.get(name) ?? new Uint8Array();
      const at = Math.min(bytes.length - 1, Math.floor(bytes.length * place));
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      expect(await bothSay(files), `${name} at ${at}`).toMatchObject({ ok: false, file: name });
    }
    const files = await good();
    files.delete(name);
    expect(await bothSay(files), `without ${name}`).toMatchObject({ ok: false, file: name });
  }
  const files = await good();
  files.set('notes.txt', new Uint8Array(1));
  expect(await bothSay(files)).toMatchObject({ ok: false, file: 'notes.txt' });
});

test('the downloaded archive verifies as it is, in both, and a cut one does not', async () => {
  const parts: Uint8Array[] = [];
  for await (const part of await store.archive(run)) parts.push(part);
  const archive = new Uint8Array(Buffer.concat(parts));
  const path = join(root, 'bundle.tar');
  await writeFile(path, archive);
  const onDisk = await verifyOnDisk(path, { verifyApproval: approvalVerifier(nodeCryptography) });
  expect(onDisk).toMatchObject({ ok: true, run });
  expect(await browser.verifyBundle(await browser.filesOfTar(archive))).toEqual(onDisk);
  await expect(browser.filesOfTar(archive.subarray(0, archive.length - 2000))).rejects.toThrow('archive');
  await writeFile(path, archive.subarray(0, archive.length - 2000));
  await expect(verifyOnDisk(path, { verifyApproval: approvalVerifier(nodeCryptography) })).rejects.toThrow('archive');
});
