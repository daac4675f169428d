// Reading and importing in the small house: one right is missing, two systems are discovered, a row with BAD in it is bad.
import { Problem } from '../../../src/domain/problem.ts';
import type { Caller } from '../../../src/http/services.ts';
import { FakeAccounts } from './accounts.ts';

export class FakeInventory extends FakeAccounts {
  imported: { rows: number; bytes: number; failed: boolean } = { rows: 0, bytes: 0, failed: false };

  async *doctor(_caller: Caller, system?: string) {
    yield { system: system ?? 'estate', id: 'file', verdict: 'ok' as const, message: 'rekey.yaml is valid', next: null };
    yield { system: 'corp-ldap', id: 'reach', verdict: 'ok' as const, message: 'ldaps://ldap.example.test:636 answers', next: null };
    yield {
      system: 'orders-db',
      id: 'rights',
      verdict: 'fail' as const,
      message: 'the login may not ALTER ROLE',
      next: 'GRANT rekey_admin TO rekey',
    };
  }

  async *discover(_caller: Caller, system?: string) {
    for (const id of system === undefined ? ['corp-ldap', 'orders-db'] : [system]) {
      yield { system: id, found: 5, gone: 0, done: false };
      yield { system: id, found: 10, gone: 1, done: true };
    }
  }

  async import(
    _caller: Caller,
    kind: 'owners' | 'consumers' | 'exposed',
    csv: AsyncIterable<Uint8Array>,
    options: { partial: boolean; file: string },
  ) {
    this.calls.push(`import ${kind} partial=${options.partial}`);
    let newlines = 0;
    let bytes = 0;
    let bad = false;
    try {
      for await (const chunk of csv) {
        bytes += chunk.length;
        for (const byte of chunk) if (byte === 10) newlines += 1;
        bad ||= Buffer.from(chunk.subarray(0, 200)).includes('BAD');
      }
    } catch (error) {
      this.imported = { rows: newlines, bytes, failed: true };
      throw error;
    }
    const rows = newlines - 1;
    this.imported = { rows, bytes, failed: false };
    if (!bad) return { rows, imported: rows, problems: [] };
    const problems = [{ place: `${options.file}:2:1`, message: 'unknown system "BAD"', hint: 'systems: corp-ldap, orders-db' }];
    if (options.partial) return { rows, imported: rows - 1, problems };
    throw new Problem(
      'invalid-import',
      { place: problems[0]!.place, message: '1 bad row, nothing was imported', hint: '--partial imports the good rows' },
      problems,
    );
  }

  async systems() {
    return [];
  }

  async system(_caller: Caller, id: string): Promise<never> {
    throw new Problem('not-found', { message: `there is no system ${id}` });
  }
}
