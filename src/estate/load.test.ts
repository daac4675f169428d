import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sampleConnectors } from '../../test/harness/estate-connectors.ts';
import { writeStarter } from './init.ts';
import { findEstate, loadEstate, loadInspected } from './load.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rekey-estate-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe('the estate is found', () => {
  test('in the nearest folder above, as git finds its own', () => {
    const deep = join(root, 'a', 'b');
    mkdirSync(deep, { recursive: true });
    writeStarter(root, 'outer');
    expect(findEstate(undefined, { cwd: deep, env: {} })).toBe(join(root, 'rekey.yaml'));
    writeStarter(join(root, 'a'), 'inner');
    expect(loadEstate(undefined, { cwd: deep, env: {}, connectors: sampleConnectors }).name).toBe('inner');
  });
  test('by REKEY_ESTATE, and an argument wins over it; both may be a folder or a file', () => {
    mkdirSync(join(root, 'a'));
    mkdirSync(join(root, 'b'));
    writeStarter(join(root, 'a'), 'one');
    const other = writeStarter(join(root, 'b'), 'two');
    const env = { REKEY_ESTATE: 'a' };
    expect(loadEstate(undefined, { cwd: root, env, connectors: sampleConnectors }).name).toBe('one');
    expect(loadEstate(other, { cwd: root, env, connectors: sampleConnectors }).name).toBe('two');
  });
  test('or the next step is said', () => {
    expect(() => findEstate(undefined, { cwd: root, env: {} })).toThrow(
      expect.objectContaining({ code: 'not-found', hint: expect.stringContaining('rekey init') }),
    );
    expect(() => findEstate('nowhere', { cwd: root, env: {} })).toThrow(
      expect.objectContaining({ code: 'not-found', message: expect.stringContaining('nowhere') }),
    );
    writeFileSync(join(root, 'rekey.yml'), 'x');
    expect(() => findEstate(undefined, { cwd: root, env: {} })).toThrow(expect.objectContaining({ hint: 'rename it to rekey.yaml' }));
  });
});

describe('the starter file', () => {
  test('is valid as it stands and its only open ends are the missing systems and approvers', () => {
    writeStarter(root, 'acme');
    const { warnings } = loadInspected(root, { env: {}, connectors: sampleConnectors });
    expect(warnings.map((w) => w.message)).toEqual(['systems: there are no systems yet', expect.stringContaining('there are 0 approvers')]);
    expect(readFileSync(join(root, 'rekey.yaml'), 'utf8')).toMatch(/^# yaml-language-server: \$schema=/);
  });
  test('shows settings that are valid too once their comment marks are taken away', () => {
    const file = writeStarter(root, 'acme');
    const text = readFileSync(file, 'utf8')
      .replace(/^approvers: \[\]\n#.*\n/m, '')
      .replace(/^systems: \[\]$/m, 'systems:')
      .replaceAll(/^#( {2,}.*)$/gm, (line, rest: string) => (line.includes('{env: VARIABLE}') ? line : rest));
    writeFileSync(file, text);
    expect(loadEstate(root, { env: {}, connectors: sampleConnectors }).systems[0]).toMatchObject({
      id: 'corp-ldap',
      tier: 0,
      canary: { account: 'uid=rekey-canary' },
    });
  });
  test('never replaces an existing file', () => {
    writeFileSync(join(root, 'rekey.yaml'), 'mine');
    expect(() => writeStarter(root, 'acme')).toThrow(expect.objectContaining({ code: 'conflict' }));
    expect(readFileSync(join(root, 'rekey.yaml'), 'utf8')).toBe('mine');
  });
  test('refuses a name that is not kebab-case and proposes one that is', () => {
    expect(() => writeStarter(root, 'Acme Corp')).toThrow(
      expect.objectContaining({ code: 'usage', hint: expect.stringContaining('acme-corp') }),
    );
  });
});
