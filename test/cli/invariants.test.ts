// Each invariant of ARCHITECTURE.md names the tests that enforce it; here each named file and title is found, so that none can be renamed away.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const text = readFileSync(join(root, 'ARCHITECTURE.md'), 'utf8');
const section = /^## Invariants\n([\s\S]*?)^## /m.exec(text)?.[1] ?? '';

/** Numbered paragraphs, each with lines such as: - `path/to/file.test.ts`: "title" */
const invariants = [...section.matchAll(/^(\d+)\. ([\s\S]*?)(?=^\d+\. |$(?![\s\S]))/gm)].map(([, n = '', body = '']) => ({
  n: Number(n),
  claims: [...body.matchAll(/^\s+- `([^`]+)`: "([^"]+)"$/gm)].map(([, file = '', title = '']) => ({ file, title })),
}));

const titleOf = (source: string, title: string): boolean =>
  ["'", '"', '`'].some((quote) => new RegExp(`\\b(?:it|test|describe|rule)\\b[^\\n]*${literally(quote + title)}`).test(source)) ||
  new RegExp(`^\\s*name: ['"\`]${literally(title)}`, 'm').test(source);
const literally = (literal: string): string => literal.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');

describe('the escrow', () => {
  it('no statement deletes from the escrow or overwrites a sealed value', () => {
    const sources = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' }).filter(
      (f) => /\.(ts|sql)$/.test(f) && !f.endsWith('.test.ts'),
    );
    expect(sources.length).toBeGreaterThan(200);
    const forbidden =
      /delete\s+from\s+secret\b|truncate[^;]*\bsecret\b|drop\s+table\s+(?:if\s+exists\s+)?secret\b|update\s+secret\b[^;`]*\bset\b[^;`]*\bsealed\s*=/i;
    expect(sources.filter((f) => forbidden.test(readFileSync(join(root, 'src', f), 'utf8')))).toEqual([]);
    for (const bad of ['delete from secret where key = 1', 'update secret s set state = x, sealed = y', 'truncate secret'])
      expect(forbidden.test(bad), bad).toBe(true);
  });
});

describe('ARCHITECTURE.md', () => {
  it('is at most 300 lines long', () => expect(text.split('\n').length).toBeLessThanOrEqual(301));

  it('states eleven invariants, each enforced by at least one named test', () => {
    expect(invariants.map((i) => i.n)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    for (const { n, claims } of invariants) expect(claims.length, `invariant ${n}`).toBeGreaterThan(0);
  });

  it.each(invariants.flatMap(({ n, claims }) => claims.map((c) => ({ n, ...c }))))(
    'invariant $n: $file has "$title"',
    ({ file, title }) => {
      expect(existsSync(join(root, file)), file).toBe(true);
      const source = readFileSync(join(root, file), 'utf8');
      expect(titleOf(source, title), `${file}: no test is called "${title}"`).toBe(true);
      expect(titleOf(source, `${title} not really`)).toBe(false);
    },
  );

  it('names only folders and files that exist', () => {
    const paths = [...text.matchAll(/`((?:src|test|lab|bench|tools|docs|adr|examples)\/[\w./-]*)`/g)].map(([, path = '']) => path);
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });
});
