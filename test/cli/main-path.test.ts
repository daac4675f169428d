// The main path as scripts run it: documents on stdout with the promised members, exit codes, and plans that cannot be changed on the way.
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parsePublicKey } from '../../src/approve/ssh-public-key.ts';
import { isSigned, parseSignature } from '../../src/approve/sshsig.ts';
import { nodeCryptography } from '../../src/cryptography/node.ts';
import type { FakeOptions } from './fake-services/state.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, type Ran, rekey } from './rekey.ts';

function estate(options: FakeOptions = {}) {
  const services = new FakeServices(options);
  const house = new FakeHouse(services);
  const cwd = estateFolder();
  return { services, house, cwd, run: (...argv: string[]): Promise<Ran> => rekey(house, cwd, argv) };
}
const data = (ran: Ran) => JSON.parse(ran.out).data;

describe('documents', () => {
  it('every --json command prints one document {apiVersion, kind, data, warnings} on stdout and nothing on stderr', async () => {
    const { run } = estate({ step: 1000 });
    const cases: readonly (readonly [string[], string, number])[] = [
      [['plan', '--where', 'all', '--reason', 'leak'], 'Plan', 0],
      [['plan', 'show', 'P-00000001'], 'Plan', 0],
      [['plan', 'ls'], 'PlanList', 0],
      [['apply', 'P-00000001', '--yes'], 'Run', 0],
      [['run', 'show', 'R-00000001'], 'Run', 0],
      [['run', 'ls'], 'RunList', 0],
      [['account', 'ls', '--where', 'all'], 'AccountList', 0],
      [['account', 'show', 'corp-ldap/uid=svc-0000,ou=people'], 'Account', 0],
      [['doctor'], 'Doctor', 1],
      [['discover'], 'Discovery', 0],
      [['prove', 'R-00000001'], 'Proof', 0],
      [['reveal', 'corp-ldap/uid=svc-0000,ou=people', '--reveal'], 'Secret', 0],
      [['config', 'validate'], 'Validation', 0],
      [['config', 'view'], 'Config', 0],
      [['version'], 'Version', 0],
      [['help', 'exit-codes'], 'ExitCodes', 0],
      [['run', 'show', 'R-NOTHERE0'], 'Problem', 6],
      [['account', 'ls', '--where', 'nonsense'], 'Problem', 2],
      [['plan', '--wher', 'all'], 'Problem', 2],
    ];
    for (const [argv, kind, exit] of cases) {
      const ran = await run(...argv, '--json');
      expect(ran.exit, argv.join(' ')).toBe(exit);
      expect(ran.err, argv.join(' ')).toBe('');
      const document = JSON.parse(ran.out);
      expect(Object.keys(document), argv.join(' ')).toEqual(['apiVersion', 'kind', 'data', 'warnings']);
      expect(document).toMatchObject({ apiVersion: 'rekey/v1', kind, warnings: [] });
    }
  });

  it('run show has the members scripts read', async () => {
    const { run } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'leak');
    await run('apply', 'P-00000001', '--yes');
    const shown = data(await run('run', 'show', 'r-00000001', '--json'));
    for (const member of [
      'id',
      'plan',
      'planHash',
      'state',
      'mode',
      'startedAt',
      'endedAt',
      'counts',
      'cells',
      'consumers',
      'waves',
      'exposure',
    ])
      expect(shown).toHaveProperty(member);
    expect(shown.cells).toMatchObject({ proved: 58, residual: 0, notProved: 0, excepted: 0 });
    expect(shown.counts).toEqual({ complete: 29 });
    expect(shown.waves[0]).toMatchObject({ n: 1, state: 'done', counts: { complete: 1 } });
    expect(Object.keys(shown.exposure)).toEqual(['firstDenied', 'p50', 'p95', 'lastDenied']);
  });

  it('run items is NDJSON with the promised members and ends in a result line', async () => {
    const { run } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'leak');
    await run('apply', 'P-00000001', '--yes');
    const lines = (await run('run', 'items', 'R-00000001', '--json')).out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines.at(-1)).toEqual({ type: 'result', count: 29, warnings: [] });
    expect(lines).toHaveLength(30);
    for (const member of ['system', 'account', 'credential', 'state', 'wave', 'version', 'cells', 'consumers', 'residual', 'error'])
      expect(lines[0]).toHaveProperty(member);
    expect(lines[0].cells[0]).toMatchObject({ path: 'bind', replica: 'ldap-1', verdict: 'proved', level: 'probed', code: '49' });
    expect((await run('run', 'items', 'R-00000001', '--json', '--state', 'failed')).out.trim()).toBe(
      '{"type":"result","count":0,"warnings":[]}',
    );
    expect((await run('run', 'items', 'R-00000001', '--state', 'failed,complete')).exit).toBe(2);
    expect((await run('run', 'items', 'R-00000001', '--state', 'broken')).exit).toBe(2);
  });

  it('run people is NDJSON with one verdict for each person and their accounts, also those outside the run, and ends in the sums', async () => {
    const { run } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'leak');
    await run('apply', 'P-00000001', '--yes');
    const listed = await run('run', 'people', 'R-00000001', '--json');
    const lines = listed.out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));
    const people = lines.slice(0, -1);
    expect(lines.at(-1)).toEqual({ type: 'result', count: people.length, notDone: 0, warnings: [] });
    expect(people[0]).toMatchObject({ verdict: 'done', done: true, cells: { proved: 2 }, leftOut: [{ why: 'not in this run' }] });
    const one = await run('run', 'people', 'R-00000001', '--person', people[0].person);
    expect(one.out).toContain(`${people[0].person}: ✔ done`);
    expect(one.out).toMatch(/left out +orders-db\/person-\d+.*not in this run/);
    expect(one.out).not.toContain('\u001b');
    expect(one.err).toContain('1 of 1 person done');
    expect((await run('run', 'people', 'R-00000001', '--not-done')).out).toBe('');
    expect(await run('run', 'people', 'R-00000001', '--person', 'nobody')).toMatchObject({
      exit: 6,
      err: expect.stringContaining('has no account of "nobody"'),
    });
  });

  it('account ls says when there is more, gives all of it on request, and CSV has one header and no control characters', async () => {
    const { run } = estate({ accounts: 2500, names: ['evil\u001b[2J\r\n"name', '=cmd,x'] });
    const short = JSON.parse((await run('account', 'ls', '--where', 'all', '--json')).out);
    expect(short.data).toHaveLength(100);
    expect(short.warnings).toEqual(['there are more accounts than these 100: --limit 0 shows all']);
    const csv = (await run('account', 'ls', '--where', 'all', '--limit', '0', '--csv')).out.split('\r\n');
    expect(csv).toHaveLength(2502);
    expect(csv[0]).toBe(
      'system,account,id,identity,kind,owner,managed,tier,tags,privileged,shared,enabled,exposed,lastChangedAt,version,blockers,person,consumers',
    );
    expect(csv[1]).toMatch(/^corp-ldap,"evil\ufffd\[2J\ufffd\ufffd""name",id-0,/);
  });
});

describe('plans', () => {
  it('--detailed-exitcode is 20 when something changes and 0 when nothing does; without it 0', async () => {
    const { run } = estate();
    expect((await run('plan', '--where', 'all', '--reason', 'x')).exit).toBe(0);
    expect((await run('plan', '--where', 'all', '--reason', 'x', '--detailed-exitcode')).exit).toBe(20);
    expect((await run('plan', '--where', 'system = nobody', '--reason', 'x', '--detailed-exitcode')).exit).toBe(0);
  });

  it('a saved plan is applied as it is; a file whose any field was changed is refused with 9 and starts nothing', async () => {
    const { run, cwd, services } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'leak', '-o', 'p.json');
    const saved = JSON.parse(readFileSync(join(cwd, 'p.json'), 'utf8'));
    const changes: ((plan: Record<string, never>) => unknown)[] = [
      (plan) => ({ ...plan, hash: '0'.repeat(64) }),
      (plan) => ({ ...plan, where: 'system = corp-ldap' }),
      (plan) => ({ ...plan, totals: { ...(plan.totals as unknown as object), rotate: 1 } }),
      (plan) => ({ ...plan, extra: true }),
      ({ reason: _, ...plan }) => plan,
    ];
    for (const change of changes) {
      writeFileSync(join(cwd, 'changed.json'), JSON.stringify({ ...saved, data: change(saved.data) }));
      const ran = await run('apply', 'changed.json', '--yes');
      expect([ran.exit, ran.err]).toEqual([9, expect.stringContaining('[plan-tampered]')]);
    }
    for (const [content, exit] of [
      ['', 2],
      ['{}', 2],
      ['{"apiVersion":"rekey/v1","kind":"Run","data":{}}', 2],
    ] as const) {
      writeFileSync(join(cwd, 'odd.json'), content);
      expect((await run('apply', 'odd.json', '--yes')).exit).toBe(exit);
    }
    expect((await run('apply', 'nowhere.json', '--yes')).exit).toBe(6);
    expect(services.calls).toEqual([]);
    expect((await run('apply', 'p.json', '--yes')).exit).toBe(0);
  });

  it('an expired plan is 9 and an unapproved one 5, before anything is asked or sent', async () => {
    const expired = estate({ expired: true, tier0: 1 });
    await expired.run('plan', '--where', 'all', '--reason', 'x');
    expect((await expired.run('apply', 'P-00000001', '--yes')).exit).toBe(9);
    const unapproved = estate({ approvals: 2, tier0: 1 });
    await unapproved.run('plan', '--where', 'all', '--reason', 'x');
    const ran = await unapproved.run('apply', 'P-00000001', '--yes');
    expect(ran.exit).toBe(5);
    expect(ran.err).toContain('next: rekey approve P-00000001 --as NAME --key FILE');
    expect([...expired.services.calls, ...unapproved.services.calls]).toEqual([]);
  });

  it('a plan larger than is listed is shown by its counts, and --full lists it', async () => {
    const { run } = estate({ accounts: 6000 });
    const counts = await run('plan', '--where', 'all', '--reason', 'x');
    expect(counts.out).not.toContain('uid=p-0011');
    expect(counts.out).toContain('5 999 to rotate');
    expect((await run('plan', 'show', 'P-00000001', '--full')).out).toContain('uid=p-5999');
  });

  it('a plan of more than 200 lines is collapsed sooner, so that its risks are not pushed off the screen', async () => {
    const { run } = estate({ accounts: 400 });
    const { out } = await run('plan', '--where', 'all', '--reason', 'x');
    expect(out.split('\n').length).toBeLessThan(40);
    expect((await run('plan', 'show', 'P-00000001', '--full')).out.split('\n').length).toBeGreaterThan(400);
  });

  it('more than 20 equal lines are one line with a count; blockers and gaps stand below the waves', async () => {
    const { run } = estate({ accounts: 90 });
    const { out } = await run('plan', '--where', 'all', '--reason', 'x');
    expect(out).toMatch(/~ rotate 59, ↻ 6 consumers \(--full lists them\)/);
    expect(out.indexOf('! BLOCKED 1: no-owner')).toBeGreaterThan(out.indexOf('Plan: 89 to rotate'));
    expect(out).toMatch(/\? NOT COVERED 3: sessions-of-unlisted-apps .*\n {4}next: add the system to rekey.yaml/);
  });
});

describe('approvals', () => {
  it('a signature made by approve is one that ssh-keygen would have made: it verifies over the message approve prints', async () => {
    const { run, cwd, services } = estate({ approvals: 1 });
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(cwd, 'key')]);
    await run('plan', '--where', 'all', '--reason', 'x');
    const message = (await run('approve', 'P-00000001', '--message')).out;
    let given = '';
    const approve = services.approve.bind(services);
    services.approve = async (caller, id, approval) => {
      given = approval.signature;
      return approve(caller, id, approval);
    };
    const ran = await run('approve', 'P-00000001', '--as', 'alice', '--key', 'key');
    expect([ran.exit, ran.err]).toEqual([0, expect.stringContaining('next: rekey apply P-00000001')]);
    const read = parseSignature(given);
    expect(read.key.blob).toEqual(parsePublicKey(readFileSync(join(cwd, 'key.pub'), 'utf8')).blob);
    expect(await isSigned(read, Buffer.from(message), nodeCryptography)).toBe(true);
    expect(readFileSync(join(cwd, 'key'), 'utf8')).not.toBe(given);
  });

  it('a signature made elsewhere is sent as it is; neither, both or a nameless one is a usage error', async () => {
    const { run, cwd } = estate({ approvals: 1 });
    await run('plan', '--where', 'all', '--reason', 'x');
    writeFileSync(join(cwd, 'sig'), '-----BEGIN SSH SIGNATURE-----\n');
    for (const flags of [[], ['--as', 'alice'], ['--key', 'k'], ['--as', 'a', '--key', 'k', '--signature', 's']])
      expect((await run('approve', 'P-00000001', ...flags)).exit).toBe(2);
    expect((await run('approve', 'P-00000001', '--as', 'alice', '--key', 'missing')).exit).toBe(6);
    expect(data(await run('approve', 'P-00000001', '--as', 'alice', '--signature', 'sig', '--json'))).toMatchObject({
      id: 'P-00000001',
      given: 1,
      needed: 1,
    });
  });
});

describe('imports', () => {
  it('a file and standard input arrive byte for byte; bad rows are named; --partial imports the rest and says so with 7', async () => {
    const { run, cwd, house, services } = estate();
    writeFileSync(join(cwd, 'o.csv'), 'system,account\ncorp-ldap,a\ncorp-ldap,b\n');
    expect(data(await run('import', 'owners', 'o.csv', '--json'))).toEqual({ rows: 2, imported: 2, problems: [] });
    expect(services.imported.bytes).toBe(39);
    const piped = await rekey(house, cwd, ['import', 'exposed', '-'], { input: 'system,account\ncorp-ldap,a\n' });
    expect([piped.exit, piped.out]).toEqual([0, '1 of 1 row imported\n']);
    writeFileSync(join(cwd, 'bad.csv'), 'system,account\nBAD,a\ncorp-ldap,b\n');
    const refused = await run('import', 'owners', 'bad.csv');
    expect([refused.exit, refused.err]).toEqual([
      2,
      expect.stringMatching(/error: bad\.csv:2:1: .*\[invalid-import\]\n {2}bad\.csv:2:1: unknown system "BAD"/),
    ]);
    const partial = await run('import', 'owners', 'bad.csv', '--partial');
    expect([partial.exit, partial.out]).toEqual([7, '1 of 2 rows imported\n']);
    expect((await run('import', 'owners', 'missing.csv')).exit).toBe(6);
    expect((await run('import', 'owners', '.')).exit).toBe(2);
  });
});

describe('evidence and delivery', () => {
  it('prove writes the bundle whole into a new folder and refuses one that is not empty', async () => {
    const { run, cwd } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'x');
    await run('apply', 'P-00000001', '--yes');
    expect((await run('prove', 'R-00000001', '-o', 'evidence')).exit).toBe(0);
    expect(readFileSync(join(cwd, 'evidence', 'checkpoint'), 'utf8')).toBe('checkpoint of R-00000001\n');
    expect((await run('prove', 'R-00000001', '-o', 'evidence')).exit).toBe(6);
    expect((await run('prove', 'R-00000001', '-o', 'rekey.yaml')).exit).toBe(2);
  });

  it('evidence verify on something that is no bundle is an error, never a success', async () => {
    const { run } = estate();
    expect((await run('evidence', 'verify', 'nowhere')).exit).toBe(6);
    expect((await run('evidence', 'verify', '.')).exit).toBe(1);
  });

  it('handover writes a file only its owner can read, never over another; without approvals nothing is written', async () => {
    const { run, cwd } = estate({ step: 1000 });
    await run('plan', '--where', 'all', '--reason', 'x');
    await run('apply', 'P-00000001', '--yes');
    const argv = ['handover', '--run', 'R-00000001', '--to', 'age1abc', '-o', 'h.age'];
    expect((await run(...argv)).exit).toBe(0);
    const { statSync, readdirSync } = await import('node:fs');
    expect(statSync(join(cwd, 'h.age')).mode & 0o777).toBe(0o600);
    expect((await run(...argv)).exit).toBe(6);
    expect(readdirSync(cwd).filter((name) => name.includes('part'))).toEqual([]);
  });

  it('reveal leaves through a pipe only with --reveal, also with --json', async () => {
    const { run } = estate();
    const name = 'corp-ldap/uid=svc-0000,ou=people';
    for (const flags of [[], ['--json'], ['--no-input']]) {
      const ran = await run('reveal', name, ...flags);
      expect(ran.exit).toBe(3);
      expect(ran.out + ran.err).not.toContain('Correct-Horse-9');
    }
    expect(data(await run('reveal', name, '--json', '--reveal'))).toEqual({ secret: 'Correct-Horse-9', version: 2 });
    expect((await run('reveal', name, '--reveal')).out).toBe('Correct-Horse-9\n');
    expect((await run('reveal', 'no-slash', '--reveal')).exit).toBe(2);
  });

  it('on a terminal reveal shows the secret once, on stderr, and takes it off the screen', async () => {
    const { house, cwd } = estate();
    const ran = await rekey(house, cwd, ['reveal', 'corp-ldap/uid=svc-0000,ou=people'], { tty: true, input: '\n' });
    expect(ran.exit).toBe(0);
    expect(ran.out).toBe('');
    expect(ran.err.split('Correct-Horse-9')).toHaveLength(2);
    expect(ran.err).toContain('Press Enter to take it off the screen. \u001b[5A\u001b[0J');
  });
});
