// Every format: what is put is what is read, and no other byte of the file changes.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dotenv } from './dotenv.ts';
import type { Format } from './format.ts';
import { ini } from './ini.ts';
import { json } from './json.ts';
import { line } from './line.ts';
import { pgpass } from './pgpass.ts';
import { yaml } from './yaml.ts';

type Sample = {
  readonly name: string;
  readonly format: Format;
  readonly text: string;
  readonly key: string;
  readonly others: Readonly<Record<string, string>>;
};

const samples: readonly Sample[] = [
  {
    name: 'dotenv, bare',
    format: dotenv,
    text: '# db\nHOST=db.example # the primary\nexport PASSWORD=old\nEMPTY=\r\nQUOTED="a \\"b\\" $c"\n\nKEY=\'-----BEGIN\nPASSWORD=inside\n-----END\'\nTAIL=x',
    key: 'PASSWORD',
    others: { HOST: 'db.example', EMPTY: '', QUOTED: 'a "b" $c', KEY: '-----BEGIN\nPASSWORD=inside\n-----END', TAIL: 'x' },
  },
  {
    name: 'dotenv, double quotes and comment',
    format: dotenv,
    text: 'A=1\n  P = "old value"   # keep me\nB=2\n',
    key: 'P',
    others: { A: '1', B: '2' },
  },
  { name: 'dotenv, single quotes', format: dotenv, text: "A=a#b\nP='old'\nB=2\n", key: 'P', others: { A: 'a#b', B: '2' } },
  {
    name: 'json',
    format: json,
    text: '{\n\t"a": 1.50, "db": {"user":"app" , "pass/word": "old\\u0041", "ports":[1, 2 ,{"x":"y"}]},\r\n  "é": "ü", "z": "last"\n}\n',
    key: '/db/pass~1word',
    others: { '/db/user': 'app', '/é': 'ü', '/z': 'last', '/db/ports/2/x': 'y' },
  },
  { name: 'json, in an array', format: json, text: '[{"p":null},"x"]', key: '/0/p', others: { '/1': 'x' } },
  {
    name: 'yaml, block map with comments',
    format: yaml,
    text: '# top\nbase: &b {x: "1"}\ndb:\n    user:   app      # who\n    password: old    # what\n    note: |\n      long\n      text\nlist: [ a, {p: "q"} ]\nref: *b\n',
    key: '/db/password',
    others: { '/db/user': 'app', '/db/note': 'long\ntext\n', '/list/1/p': 'q', '/base/x': '1' },
  },
  { name: 'yaml, flow map', format: yaml, text: '{a: "1", p: \'o\'\'ld\', b: "2"}\n', key: '/p', others: { '/a': '1', '/b': '2' } },
  {
    name: 'yaml, block scalar',
    format: yaml,
    text: 'a: "1"\np: |\n  old\n  lines\nb: "2" # c\n',
    key: '/p',
    others: { '/a': '1', '/b': '2' },
  },
  { name: 'yaml, empty value', format: yaml, text: 'a: "1"\np:\nb: "2"\n', key: '/p', others: { '/a': '1', '/b': '2' } },
  {
    name: 'yaml, in a list',
    format: yaml,
    text: 'users:\n  - name: x\n    p: old\n  - name: y\n    p: other\n',
    key: '/users/0/p',
    others: { '/users/1/p': 'other', '/users/0/name': 'x' },
  },
  {
    name: 'ini',
    format: ini,
    text: '; c\nglobal = g\n[client]\nuser=app\npassword = old ; why\n\n[a.b]\nc.d: "q;\\"x"\n[other]\npassword=\'keep\'\n',
    key: 'client.password',
    others: { global: 'g', 'client.user': 'app', 'a.b.c.d': 'q;"x', 'other.password': 'keep' },
  },
  { name: 'ini, quoted', format: ini, text: '[s]\r\np = "old"\r\nq = 1\r\n', key: 's.p', others: { 's.q': '1' } },
  {
    name: 'pgpass',
    format: pgpass,
    text: '# comment:1:2:3:4\ndb.example:5432:app:user:old\n*:*:*:we\\:ird:p\\:w\\\\d\n\\:\\:1:5432:app:user:v6\n',
    key: 'db.example:5432:app:user',
    others: { '*:*:*:we\\:ird': 'p:w\\d', '\\:\\:1:5432:app:user': 'v6' },
  },
  {
    name: 'pgpass, escaped key',
    format: pgpass,
    text: '\\:\\:1:5432:app:user:v6\r\nh:1:d:u:x\r\n',
    key: '\\:\\:1:5432:app:user',
    others: { 'h:1:d:u': 'x' },
  },
  { name: 'line', format: line, text: 'old\n', key: '', others: {} },
  { name: 'line without a final line break', format: line, text: 'old', key: '', others: {} },
];

const printable = fc.string({ unit: fc.integer({ min: 0x20, max: 0x7e }).map((c) => String.fromCharCode(c)), minLength: 1, maxLength: 40 });
const other = fc
  .string({ unit: 'binary', minLength: 1, maxLength: 20 })
  .filter((s) => Buffer.from(s).toString() === s && !/[\r\n\0]/.test(s));

const value = (outcome: ReturnType<Format['read']>): string => {
  if (outcome.kind !== 'done') throw new Error(outcome.fault.message);
  return outcome.value;
};

function written(format: Format, content: Buffer, key: string, secret: string): Buffer {
  const outcome = format.write(content, key, secret, false);
  if (outcome.kind !== 'done') throw new Error(outcome.fault.message);
  return outcome.value;
}

describe.each(samples)('$name', ({ format, text, key, others }) => {
  const content = Buffer.from(text);

  test('any printable value is read back and every other key is unchanged', () => {
    fc.assert(
      fc.property(printable, printable, (first, second) => {
        const once = written(format, content, key, first);
        expect(value(format.read(once, key))).toBe(first);
        const twice = written(format, once, key, second);
        expect(value(format.read(twice, key))).toBe(second);
        for (const [name, kept] of Object.entries(others)) expect(value(format.read(twice, name))).toBe(kept);
      }),
      { numRuns: 300 },
    );
  });

  test('only the bytes of the value change', () => {
    fc.assert(
      fc.property(printable, (secret) => {
        const after = written(format, content, key, secret);
        const a = content.toString('latin1');
        const b = after.toString('latin1');
        const marker = format === line ? 'old' : '';
        let head = 0;
        while (head < a.length && a[head] === b[head]) head++;
        let tail = 0;
        while (tail < a.length - head && a[a.length - 1 - tail] === b[b.length - 1 - tail]) tail++;
        const gone = a.slice(head, a.length - tail);
        // What went away lies inside the old value: it holds no line of another key and no comment.
        expect(gone).not.toMatch(/#|;|=|HOST|user/);
        if (marker !== '') expect(marker).toContain(gone);
      }),
      { numRuns: 100 },
    );
  });

  test('a value outside ASCII is read back too', () => {
    fc.assert(
      fc.property(other, (secret) => {
        expect(value(format.read(written(format, content, key, secret), key))).toBe(secret);
      }),
      { numRuns: 100 },
    );
  });
});

test('bytes that are not UTF-8 survive in the byte-wise formats', () => {
  const content = Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from('\nP=old\n')]);
  const after = written(dotenv, content, 'P', 'new');
  expect(after).toEqual(Buffer.concat([Buffer.from('# caf'), Buffer.from([0xe9]), Buffer.from('\nP=new\n')]));
});

test.each([
  ['dotenv', dotenv, 'A=voilà\n', 'A'],
  ['ini', ini, '[s]\na = voilà\n', 's.a'],
])('%s: a letter whose last byte looks like a blank is not cut off', (_, format, text, key) => {
  expect(value(format.read(Buffer.from(text), key))).toBe('voilà');
});

test.each([
  ['dotenv', dotenv, 'A=1\nA=2\n', 'A', 'conflict'],
  ['ini', ini, '[s]\na=1\n[s]\na=2\n', 's.a', 'conflict'],
  ['pgpass', pgpass, 'h:1:d:u:x\nh:1:d:u:y\n', 'h:1:d:u', 'conflict'],
  ['json', json, '{"a":"1","a":"2"}', '/a', 'conflict'],
  ['yaml', yaml, 'a: 1\na: 2\n', '/a', 'protocol'],
  ['dotenv, joined parts', dotenv, 'A="x"\'y\'\n', 'A', 'unsupported'],
  ['json object', json, '{"a":{}}', '/a', 'conflict'],
  ['yaml anchor', yaml, 'a: &x old\nb: *x\n', '/a', 'conflict'],
  ['yaml alias', yaml, 'a: &x old\nb: *x\n', '/b', 'unsupported'],
  ['yaml tag', yaml, 'a: !!binary b2xk\n', '/a', 'unsupported'],
  ['json pointer', json, '{}', 'a', 'unsupported'],
  ['yaml documents', yaml, 'a: 1\n---\na: 2\n', '/a', 'unsupported'],
])('%s: an ambiguous place is refused, never guessed', (_, format, text, key, code) => {
  const outcome = format.write(Buffer.from(text), key, 'new', true);
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code } });
});

test.each([
  ['dotenv', dotenv, 'A=1', 'NEW', 'A=1\nNEW=x\n'],
  ['json', json, '{\n  "a": "1"\n}\n', '/b', '{\n  "a": "1",\n  "b": "x"\n}\n'],
  ['json, empty', json, '{}', '/b', '{"b": "x"}'],
  ['ini, known section', ini, '[s]\na=1\n\n[t]\nb=2\n', 's.n', '[s]\na=1\nn = x\n\n[t]\nb=2\n'],
  ['ini, new section', ini, 'a=1\n', 's.n', 'a=1\n[s]\nn = x\n'],
  ['pgpass', pgpass, '', 'h:1:d:u\\:v', 'h:1:d:u\\:v:x\n'],
  ['yaml', yaml, 'a: 1 # c\n', '/b', 'a: 1 # c\nb: x\n'],
])('%s: a missing key is added only when asked', (_, format, before, key, after) => {
  expect(format.write(Buffer.from(before), key, 'x', false)).toMatchObject({ kind: 'refused', fault: { code: 'not-found' } });
  const outcome = format.write(Buffer.from(before), key, 'x', true);
  expect(outcome.kind === 'done' ? outcome.value.toString() : outcome).toBe(after);
});

test.each([
  ['json', json, '{"a": "canary-51ab", oops'],
  ['yaml', yaml, 'a: "canary-51ab\nb: [canary-51ab'],
])('%s: a file that does not parse is refused by line, without a piece of it', (_, format, text) => {
  const outcome = format.read(Buffer.from(text), '/a');
  expect(outcome).toMatchObject({ kind: 'refused', fault: { code: 'protocol' } });
  expect(JSON.stringify(outcome)).toMatch(/line \d/);
  expect(JSON.stringify(outcome)).not.toContain('canary');
});

test.each([
  ['dotenv', dotenv, 'A=1\n', 'A'],
  ['ini', ini, '[s]\na=1\n', 's.a'],
  ['pgpass', pgpass, 'h:1:d:u:x\n', 'h:1:d:u'],
  ['line', line, 'x', ''],
])('%s: a value with a line break is refused as policy', (_, format, text, key) => {
  expect(format.write(Buffer.from(text), key, 'a\nb', false)).toMatchObject({ kind: 'refused', fault: { code: 'policy' } });
});
