// Names that a target's users chose reach a terminal as text: no cursor moves, no titles, no reordering, whatever the command.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clean, cleanAll, jsonText } from '../../src/cli/terminal.ts';
import { Problem } from '../../src/domain/problem.ts';
import { FakeServices } from './fake-services.ts';
import { estateFolder, FakeHouse, rekey } from './rekey.ts';

const evil = 'uid=\u001b[2J\u001b]0;owned\u0007x\u009b31m\u202egnp\u200b\u2066,ou=people';
// What we write ourselves: colours, the redrawing of progress, line ends.
const esc = '\u001b';
const ours = new RegExp(`${esc}\\[(?:[0-9;]*m|2K|0J|[0-9]+A)|\\n`, 'g');
const dangerous = (text: string) => [...text.replace(ours, '')].filter((c) => clean(c) !== c && c !== '\ufffd');

describe('a name full of control characters', () => {
  it.each([true, false])('never reaches a terminal (%s) through any command that shows it', async (tty) => {
    const services = new FakeServices({ names: [evil], ends: ['failed'], step: 1000 });
    const house = new FakeHouse(services);
    const cwd = estateFolder();
    const run = (...argv: string[]) => rekey(house, cwd, argv, { tty });
    const seen = [
      await run('account', 'ls', '--where', 'all'),
      await run('account', 'ls', '--where', 'all', '--csv'),
      await run('account', 'show', `corp-ldap/${evil}`),
      await run('plan', '--where', 'all', '--reason', evil, '--name', evil),
      await run('plan', 'show', 'P-00000001', '--full'),
      await run('apply', 'P-00000001', '--yes'),
      await run('run', 'items', 'R-00000001'),
      await run('run', 'items', 'R-00000001', '--csv'),
    ];
    services.runs = async () => {
      throw new Problem('conflict', { place: evil, message: evil, hint: evil }, [{ message: evil, place: evil }]);
    };
    seen.push(await run('run', 'ls'));
    for (const { out, err } of seen) {
      expect(dangerous((out + err).replaceAll('\r\n', '\n'))).toEqual([]);
      expect(out + err).not.toContain('\u001b[2J');
      expect(out + err).not.toContain('\u001b]0');
    }
    expect(seen[0]?.out).toContain('gnp');
  });

  it('stays the same value in JSON, written so that a terminal does not obey it', async () => {
    const house = new FakeHouse(new FakeServices({ names: [evil] }));
    const { out } = await rekey(house, estateFolder(), ['account', 'show', `corp-ldap/${evil}`, '--json']);
    expect(JSON.parse(out).data.account).toBe(evil);
    expect(dangerous(out)).toEqual([]);
  });
});

describe('clean', () => {
  it('leaves nothing a terminal obeys, and ordinary text as it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(clean(clean(text))).toBe(clean(text));
        expect(dangerous(clean(text))).toEqual([]);
        expect(JSON.parse(jsonText(text))).toBe(text);
        expect(dangerous(jsonText({ [text]: [text] }))).toEqual([]);
      }),
    );
    for (const text of ['uid=alice,ou=people', 'Jürgen Groß', '山田太郎', 'a😀b']) expect(clean(text)).toBe(text);
    expect(cleanAll({ 'a\u001b': ['b\u001b', 1, null, { c: true }] })).toEqual({ 'a\ufffd': ['b\ufffd', 1, null, { c: true }] });
  });
});
