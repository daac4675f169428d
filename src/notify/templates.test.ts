// Templates: what they may show, what they may not do, and what a hostile name can do to a message (nothing).
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { Problem } from '../domain/problem.ts';
import { checkTemplate } from './check-template.ts';
import { letterOf } from './letter.ts';
import { oneLine } from './one-line.ts';
import type { PlanFacts } from './port.ts';
import { partNames, Templates, templateNames } from './templates.ts';

const folder = mkdtempSync(join(tmpdir(), 'rekey-templates-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const plan = (name: string, reason = name): PlanFacts => ({
  id: 'P-7K3QX2MA',
  name,
  reason,
  incident: name,
  createdBy: name,
  expiresAt: new Date('2026-11-22T12:00:00Z'),
  tier0: false,
  work: 1,
  run: null,
  counts: {},
  endedBefore: null,
});
const letter = (name: string) =>
  letterOf(
    [
      {
        kind: 'trouble',
        urgent: true,
        body: { at: '2026-11-21T12:00:00Z', headline: name, why: name, can: [name], until: '2026-11-22T12:00:00Z' },
      },
    ],
    plan(name),
    { estate: 'acme', demo: false, person: name, timezone: 'Europe/Vienna', publicUrl: 'https://rekey.example.test/' },
  );
const shipped = new Templates(undefined);
const finding = (source: string): string => {
  try {
    checkTemplate(source, 'decision.txt.eta', partNames);
  } catch (error) {
    if (error instanceof Problem) return `${error.place}: ${error.message}`;
    throw error;
  }
  return 'accepted';
};

describe('shipped templates', () => {
  it.each(templateNames)('%s says state, why, what to do, until when on both clocks, and where, in text and HTML', (name) => {
    const { subject, text, html } = shipped.render(name, letter('evict'));
    expect(subject).toContain('[acme]');
    for (const part of [
      'Why: evict',
      'Until: 2026-11-22 12:00 UTC (2026-11-22 13:00 Europe/Vienna)',
      'https://rekey.example.test/plans/P-7K3QX2MA',
    ])
      for (const body of [text, html]) expect(body).toContain(part);
    expect(html).toContain('color-scheme');
    expect(html).not.toMatch(/<table|<img|<script|<link|src=/);
  });

  it('a name with markup stays text, and one with line breaks stays one line, whatever it holds', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.constantFrom('<img src=x onerror=alert(1)>', '"><a href=//e>', '\r\nBcc: eve@example.test\r\n\r\nhello', '\u202Etxt.exe'),
        (noise, attack) => {
          const { subject, html, text } = shipped.render('trouble', letter(`${noise}${attack}`));
          expect(subject).not.toMatch(/[\r\n]/);
          expect(html).not.toMatch(/<img|<a href=\/\/e/);
          expect(text.split('\n').length).toBe(shipped.render('trouble', letter('evict')).text.split('\n').length);
          expect(text).not.toContain('\u202E');
        },
      ),
      { numRuns: 20 },
    );
    expect(oneLine('a\u2028b\u0000c')).toBe('a b c');
  });
});

describe('the mail to an employee', () => {
  it('names the known address as text to type, and neither plan nor run nor reason', () => {
    const line = { at: '2026-11-21T12:00:00Z', headline: 'A new credential waits for you', why: 'replaced', can: [], until: null };
    const facts = { ...plan('evict-1121', 'directory dump found'), run: { id: 'R-7K3QX2MA', startedBy: 'olga' } };
    const reader = { estate: 'acme', demo: false, person: 'ann', timezone: 'UTC', publicUrl: 'https://rekey.example.test/' };
    const { subject, text, html } = shipped.render(
      'credential',
      letterOf([{ kind: 'credential', urgent: false, body: line }], facts, reader),
    );
    for (const body of [text, html]) {
      expect(body).toContain('https://rekey.example.test/my');
      expect(body).not.toMatch(/href|P-7K3QX2MA|R-7K3QX2MA|evict|directory dump/);
    }
    expect(subject).toBe('[acme] A new credential waits for you');
  });
});

describe('own templates', () => {
  it.each([
    ['<%= it.estat %>', 'nothing is called "estat" here'],
    ['ok\n\n<%= it.plan.secret %>', 'nothing is called "secret" here'],
    ['<%= password %>', 'there is no variable "password"'],
    ['<%= process.env.HOME %>', 'there is no variable "process"'],
    ['<%= it.constructor %>', 'nothing is called "constructor" here'],
    ["<%= it['constructor'] %>", '"[" is not allowed'],
    ['<%= it.items.map(x => x) %>', 'nothing is called "map" here'],
    ['<% for (const item of it.items) { %><%= item.raw %><% } %>', 'nothing is called "raw" here'],
    ['<% const x = 1 %>', '"=" is not allowed'],
    ['<%= `it` %>', '"`" is not allowed'],
    ['<%~ it.plan.name %>', 'text is shown without escaping'],
    ["<%~ include('secrets', it) %>", 'there is no part "secrets"'],
    ['<%= globalThis %>', 'there is no variable "globalThis"'],
    ['text <% if (it.run) {', 'a tag is opened and never closed'],
  ])('%s is refused with its line', (source, message) => {
    const line = source.slice(0, source.lastIndexOf('<%', source.length - 3)).split('\n').length;
    expect(finding(source)).toContain(`decision.txt.eta:${source.includes('\n') ? line : 1}: ${message}`);
  });

  it('replaces the shipped one, is named in errors by its own path, and a file nobody reads is refused', () => {
    writeFileSync(join(folder, 'decision.txt.eta'), 'Subject: <%= it.plan.name %>!\nDecide, <%= it.person %>.\n');
    const { subject, text } = new Templates(folder).render('decision', letter('evict'));
    expect([subject, text]).toEqual(['evict!', 'Decide, evict.']);
    writeFileSync(join(folder, 'decision.txt.eta'), '\n<%= it.typo %>\n');
    expect(() => new Templates(folder)).toThrowError(
      expect.objectContaining({ code: 'invalid-config', place: `${join(folder, 'decision.txt.eta')}:2` }),
    );
    rmSync(join(folder, 'decision.txt.eta'));
    writeFileSync(join(folder, 'decison.txt.eta'), 'x');
    expect(() => new Templates(folder)).toThrowError('nothing reads the template decison.txt.eta');
    rmSync(join(folder, 'decison.txt.eta'));
  });
});
