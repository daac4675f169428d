// What an error means depends on whether COMMIT was sent: nothing unknown after it is certain, nothing before it is in doubt.
import { expect, test } from 'vitest';
import { escaped } from './copy-in.ts';
import { answers, outcomeOf, type Phase } from './fault.ts';
import { identifier } from './quote.ts';

const error = (code: string | undefined, severity?: string) => ({ code, severity, message: 'Failing row contains (7, s3cret)' });

test('each known answer is refused before the commit and by the commit itself, but not when the connection died with it', () => {
  for (const [code, { fault }] of Object.entries(answers)) {
    for (const phase of ['connecting', 'working', 'committing'] as const)
      expect(outcomeOf(error(code, 'ERROR'), phase, undefined)).toMatchObject({ kind: 'refused', fault: { code: fault, target: code } });
    expect(outcomeOf(error(code, 'FATAL'), 'committing', undefined).kind).toBe('indeterminate');
  }
});

test('an unknown answer, a lost connection and a cut-off are in doubt once the commit was sent, and only then', () => {
  for (const [code, cutOff] of [
    ['XX000', undefined],
    ['ECONNRESET', undefined],
    [undefined, undefined],
    [undefined, 'ETIMEDOUT'],
    ['55P03', 'ABORTED'],
  ] as const) {
    const kinds = (['connecting', 'working', 'committing', 'reading'] satisfies Phase[]).map(
      (phase) => outcomeOf(error(code), phase, cutOff).kind,
    );
    expect(kinds, `${code} ${cutOff}`).toEqual(['refused', 'refused', 'indeterminate', 'indeterminate']);
  }
});

test("the server's own text, which may quote the row, is in no answer", () => {
  for (const code of [...Object.keys(answers), 'XX000'])
    for (const phase of ['connecting', 'working', 'committing', 'reading'] as const)
      expect(JSON.stringify(outcomeOf(error(code, 'ERROR'), phase, undefined))).not.toContain('s3cret');
});

test('a value is one line of COPY text whatever is in it', () => {
  expect(escaped('a\\b\nc\rd\te\\.')).toBe('a\\\\b\\nc\\rd\\te\\\\.');
  expect(escaped('\\N')).toBe('\\\\N');
});

test('a name stays a name', () => {
  expect(identifier('a"; DROP TABLE b; --')).toBe('"a""; DROP TABLE b; --"');
});
