// What a restart of Redis brings back: a reset that is done outlives it, one that could not be stored is not done, and a resurrected secret is seen.
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { secretOf } from '../../src/seal/secret.ts';
import { checksOf, type Ground, ground, value } from './redis-ground.ts';

const open: Ground[] = [];
const started = async (...options: Parameters<typeof ground>): Promise<Ground> => {
  const on = await ground(...options);
  open.push(on);
  return on;
};
afterEach(async () => {
  for (const on of open.splice(0)) await on.stop();
});

describe('a reset that is done', () => {
  test.each(['aclfile', 'config'] as const)(
    'outlives a restart of a server that keeps users in its %s, and so does the close of an overlap',
    async (keep) => {
      const on = await started({ users: ['app', 'cart'], keep });
      const [fresh, other] = [on.secret(), on.secret()];
      value(await on.connection.setSecret.set(on.ref('app'), fresh));
      value(await on.connection.overlap.open(on.ref('cart'), other));
      value(await on.connection.overlap.close(on.ref('cart'), other));
      await on.lab.restart();
      expect([await on.say('app', fresh), await on.say('app', on.first('app'))]).toEqual([['accepted OK'], ['rejected WRONGPASS']]);
      expect([await on.say('cart', other), await on.say('cart', on.first('cart'))]).toEqual([['accepted OK'], ['rejected WRONGPASS']]);
      expect(value(await on.connection.state.read(on.ref('app'), on.lab.replica)).values).toBe(1);
      expect(on.leaks()).toEqual([]);
    },
  );

  test('of the default user outlives a restart although requirepass in the config file still says the old password', async () => {
    const old = 'lab-requirepass-0123456789';
    const on = await started({
      users: [{ name: 'default', rules: 'on ~* &* +@all', secrets: [old] }, 'app'],
      lines: [`requirepass ${old}`],
    });
    const fresh = on.secret();
    expect(await on.say('default', secretOf('old', old))).toEqual(['accepted OK']);
    value(await on.connection.setSecret.set(on.ref('default'), fresh));
    await on.lab.restart();
    expect(readFileSync(on.lab.configFile, 'utf8')).toContain(`requirepass ${old}`);
    expect([await on.say('default', fresh), await on.say('default', secretOf('old', old))]).toEqual([
      ['accepted OK'],
      ['rejected WRONGPASS'],
    ]);
  });

  test('of a default user that only requirepass made is kept in the config file as a hash, and wins over requirepass there', async () => {
    const old = 'lab-requirepass-0123456789';
    const on = await started({
      users: [{ name: 'default', rules: 'on ~* &* +@all', secrets: [old] }],
      keep: 'config',
      lines: [`requirepass ${old}`],
    });
    const fresh = on.secret();
    value(await on.connection.setSecret.set(on.ref('default'), fresh));
    await on.lab.restart();
    expect([await on.say('default', fresh), await on.say('default', secretOf('old', old))]).toEqual([
      ['accepted OK'],
      ['rejected WRONGPASS'],
    ]);
    expect(on.leaks()).toEqual([]);
  });
});

describe('a reset that cannot be stored', () => {
  test('is refused before anything is changed where users live in memory only, and doctor fails', async () => {
    const on = await started({ users: ['app'], keep: 'memory' });
    expect(await on.connection.setSecret.set(on.ref('app'), on.secret())).toMatchObject({
      kind: 'refused',
      fault: { code: 'unsupported' },
    });
    expect(await on.say('app', on.first('app'))).toEqual(['accepted OK']);
    expect((await checksOf(on.connection)).find(({ verdict }) => verdict === 'fail')).toMatchObject({
      id: 'policy',
      message: expect.stringContaining('restart'),
    });
  });

  test('with persist: where-possible is made, doctor warns, and the restart that brings the old secret back is seen in the state and by the probe', async () => {
    const on = await started({ users: ['app'], keep: 'memory' });
    await using loose = await on.open({ persist: 'where-possible' });
    const fresh = on.secret();
    const read = async () => value(await loose.state.read(on.ref('app'), on.lab.replica)).marker;
    value(await loose.setSecret.set(on.ref('app'), fresh));
    const after = await read();
    expect((await checksOf(loose)).filter(({ verdict }) => verdict === 'warn')).toHaveLength(1);
    await on.lab.restart();
    expect(await read()).not.toBe(after);
    expect([await on.say('app', on.first('app')), await on.say('app', fresh)]).toEqual([['accepted OK'], ['rejected WRONGPASS']]);
  });

  test('because the ACL file cannot be written is taken back and refused: the old secret opens now and after a restart', async () => {
    const on = await started({ users: ['app', 'boss'] });
    const text = readFileSync(on.lab.aclFile, 'utf8');
    // The server writes a file beside it and renames that: a folder in its place is something root cannot replace either.
    rmSync(on.lab.aclFile);
    mkdirSync(join(on.lab.aclFile, 'in-the-way'), { recursive: true });
    const before = await on.lab.run('ACL', 'LIST');
    expect(await on.connection.setSecret.set(on.ref('app'), on.secret())).toMatchObject({ kind: 'refused', fault: { code: 'conflict' } });
    expect(await on.lab.run('ACL', 'LIST')).toEqual(before);
    expect(await on.say('app', on.first('app'))).toEqual(['accepted OK']);
    rmSync(on.lab.aclFile, { recursive: true });
    writeFileSync(on.lab.aclFile, text);
    value(await on.connection.setSecret.set(on.ref('app'), on.secret()));
  });
});

test('an ACL file put back from an image resurrects the old secret at the next start: the state moves, and the probe accepts it', async () => {
  const on = await started({ users: ['app'] });
  const image = join(on.lab.dir, 'users.image');
  copyFileSync(on.lab.aclFile, image);
  const fresh = on.secret();
  value(await on.connection.setSecret.set(on.ref('app'), fresh));
  const after = value(await on.connection.state.read(on.ref('app'), on.lab.replica));
  copyFileSync(image, on.lab.aclFile);
  await on.lab.restart();
  expect(value(await on.connection.state.read(on.ref('app'), on.lab.replica)).marker).not.toBe(after.marker);
  expect([await on.say('app', on.first('app')), await on.say('app', fresh)]).toEqual([['accepted OK'], ['rejected WRONGPASS']]);
});
