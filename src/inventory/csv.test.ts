import { parse } from 'csv-parse/sync';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type CsvFault, type CsvRow, readCsv } from './csv.ts';
import { decoded } from './decode.ts';

async function read(chunks: readonly string[]): Promise<(CsvRow | CsvFault)[]> {
  const source = async function* () {
    yield* chunks;
  };
  const rows: (CsvRow | CsvFault)[] = [];
  for await (const row of readCsv(source())) rows.push(row);
  return rows;
}
const show = (row: CsvRow | CsvFault) =>
  'fault' in row
    ? `${row.at.line}:${row.at.column} ${row.fault}`
    : row.cells.map((c, n) => `${row.place(n).line}:${row.place(n).column}=${c}`);
const cut = (text: string, size: number): string[] => text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];

describe('CSV', () => {
  test('each cell knows its line and column, also behind line breaks in quotes', async () => {
    expect((await read(['a,b\r\n"x\ny",2\n\n"say ""hi""",4'])).map(show)).toEqual([
      ['1:1=a', '1:3=b'],
      ['2:1=x\ny', '3:4=2'],
      ['5:1=say "hi"', '5:14=4'],
    ]);
  });

  test('a broken row costs that row and none behind it', async () => {
    const text = 'a,b\n1,x"2\n3,4\n5,"6"7\n8,9\n10,"11\n12,13\n';
    const expected = [
      ['1:1=a', '1:3=b'],
      '2:4 a quote stands inside a cell that does not begin with one',
      ['3:1=3', '3:3=4'],
      '4:6 something follows the closing quote',
      ['5:1=8', '5:3=9'],
      '6:4 a quote is opened here and never closed',
      ['7:1=12', '7:4=13'],
    ];
    for (const size of [1, 2, 3, 7, 1000]) expect((await read(cut(text, size))).map(show)).toEqual(expected);
  });

  test('a row without end is given up after 128 KiB, and the next line is read', async () => {
    const long = 'z'.repeat(1_000_000);
    const rows = await read(cut(`a,b\n${long},1\n3,4\n"${long}\n5,6\n`, 65_536));
    expect(rows.map(show)).toEqual([
      ['1:1=a', '1:3=b'],
      '2:1 the row is longer than 128 KiB',
      ['3:1=3', '3:3=4'],
      '4:1 a quote is opened here and never closed',
      ['5:1=5', '5:3=6'],
    ]);
  });

  const cell = fc.oneof(fc.string(), fc.constantFrom('', 'a"b', 'a,b', 'a\nb', '""', '=1+1', ' x ', 'é😀'));
  const quoted = (value: string) => (/[",\n\r]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);
  test('what any writer writes is read back, however the stream is cut; csv-parse agrees', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 2, maxLength: 5 }), { maxLength: 8 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        async (table, end, size) => {
          const text = table.map((row) => row.map(quoted).join(',') + end).join('');
          const rows = (await read(cut(text, size))).map((row) => ('fault' in row ? row : row.cells));
          expect(rows).toEqual(table);
          if (table.length > 0) expect(rows).toEqual(parse(text, { relax_column_count: true, record_delimiter: end }));
        },
      ),
    );
  });
  test('any text is read the same however the stream is cut', async () => {
    const text = fc.array(fc.constantFrom('a', '"', ',', '\n', '\r\n', '\r', 'bc', '""'), { maxLength: 40 }).map((parts) => parts.join(''));
    await fc.assert(
      fc.asyncProperty(text, fc.integer({ min: 1, max: 9 }), async (whole, size) => {
        expect((await read(cut(whole, size))).map(show)).toEqual((await read([whole])).map(show));
      }),
      { numRuns: 500 },
    );
  });
});

test('UTF-8 with and without a byte order mark and UTF-16 read alike; other bytes turn into U+FFFD', async () => {
  const text = 'a,ü😀\n';
  const bom = (bytes: Uint8Array, mark: readonly number[]) => Buffer.concat([Buffer.from(mark), bytes]);
  const utf16 = Buffer.from(text, 'utf16le');
  for (const bytes of [
    Buffer.from(text),
    bom(Buffer.from(text), [0xef, 0xbb, 0xbf]),
    bom(utf16, [0xff, 0xfe]),
    bom(Buffer.from(utf16).swap16(), [0xfe, 0xff]),
  ]) {
    const single = async function* () {
      for (const byte of bytes) yield Uint8Array.of(byte);
    };
    let got = '';
    for await (const part of decoded(single())) got += part;
    expect(got).toBe(text);
  }
  let got = '';
  for await (const part of decoded(
    (async function* () {
      yield Uint8Array.from([0x61, 0xfc]);
    })(),
  ))
    got += part;
  expect(got).toBe('a\uFFFD');
});
