// CONTRIBUTING's way to a new connector, walked word by word in a copy of the repository.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const id = 'acme-box';
/** A connector's own folder, and what `npm run gen` writes. */
const expected = [
  new RegExp(`^src/connectors/${id}/`),
  /^src\/connectors\/registry\.gen\.ts$/,
  /^docs\/connectors\/[a-z]+\.md$/,
  /^docs\/traps\.md$/,
  /^schema\/rekey\.schema\.json$/,
];
let copy: string;

const run = (command: string, cwd: string, env: NodeJS.ProcessEnv = process.env): string =>
  execFileSync('bash', ['-c', command], { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 1 << 26 });
const git = (command: string): string =>
  run(`git -c user.name=author -c user.email=author@acme.example -c core.hooksPath=/dev/null -c commit.gpgsign=false ${command}`, copy);

function commands(): string[] {
  const text = readFileSync(join(root, 'CONTRIBUTING.md'), 'utf8');
  const section = /^## Add a connector in an hour\n(.*?)^## /ms.exec(text)?.[1] ?? '';
  return [...section.matchAll(/^```sh\n(.*?)^```/gms)].flatMap((block) => (block[1] as string).trim().split('\n'));
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'rekey-author-'));
  const files = run('git ls-files -z --cached --others --exclude-standard', root).split('\0');
  // A file that was removed and not yet committed is still listed.
  for (const file of files) if (file !== '' && existsSync(join(root, file))) cpSync(join(root, file), join(copy, file));
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  git('init -q');
  // A generated file that is out of date before the author starts is not the author's change.
  run('npm run gen', copy, walkEnv());
  git('add -A');
  git('commit -qm start');
}, 300_000);
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** As the author's own shell: nothing of the test runner that runs this test. */
function walkEnv(): NodeJS.ProcessEnv {
  const own = Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$|npm_|FORCE_COLOR)/.test(name));
  return { ...Object.fromEntries(own), NO_COLOR: '1' };
}

test('the commands of CONTRIBUTING add a working connector and touch nothing by hand', () => {
  const steps = commands();
  expect(steps.length).toBeGreaterThanOrEqual(6);
  const said = new Map(steps.map((step) => [step, run(step, copy, walkEnv())]));

  const contract = [...said].find(([step]) => step.includes('--project contract'))?.[1] ?? '';
  expect(Number(/Tests .*?(\d+) passed/.exec(contract)?.[1] ?? 0)).toBeGreaterThan(20);

  const changed = git('status --porcelain --untracked-files=all')
    .trimEnd()
    .split('\n')
    .map((line) => line.slice(3));
  expect(changed).toContain(`src/connectors/${id}/${id}.ts`);
  expect(changed).toContain('src/connectors/registry.gen.ts');
  expect(changed).toContain('docs/connectors/matrix.md');
  expect(changed.filter((path) => !expected.some((pattern) => pattern.test(path)))).toEqual([]);
  expect(readFileSync(join(copy, 'src', 'connectors', 'registry.gen.ts'), 'utf8')).toContain(
    "'acme-box': () => import('./acme-box/acme-box.ts')",
  );
}, 300_000);

test('gen --check names a generated file that was edited by hand, and changes nothing', () => {
  const page = join(copy, 'docs', 'connectors', 'matrix.md');
  const good = readFileSync(page, 'utf8');
  expect(run('node tools/gen.mjs --check', copy, walkEnv())).toMatch(/up to date/);
  writeFileSync(page, good.replace('yes', 'no'));
  expect(() => run('node tools/gen.mjs --check', copy, walkEnv())).toThrow(/docs\/connectors\/matrix\.md/);
  expect(readFileSync(page, 'utf8')).not.toBe(good);
  writeFileSync(page, good);
}, 120_000);

test('a name that is taken or no id is refused before anything is written', () => {
  const before = git('status --porcelain');
  for (const bad of ['twin', 'Acme', '../x', 'a_b', ''])
    expect(() => run(`node tools/new-connector.mjs '${bad}'`, copy)).toThrow(/no connector id|is there already/);
  expect(git('status --porcelain')).toBe(before);
});
