// The report is a page that runs nothing and has no origin, whoever wrote what stands in it.
import { afterEach, expect, it } from 'vitest';
import { FakeServices } from '../../test/cli/fake-services.ts';
import { houseCaller } from '../access/caller.ts';
import { buildApi } from './api.ts';

class Reported extends FakeServices {
  override async bundle(_caller: unknown, _run: string, file: string) {
    async function* content(): AsyncGenerator<Uint8Array> {
      yield new TextEncoder().encode(`<script>alert(1)</script>${file}`);
    }
    return { name: file, content: content() };
  }
}

let close: () => Promise<void> = async () => {};
afterEach(() => close());

it('the report opens in a sandbox without scripts, and only the report', async () => {
  const api = buildApi({ services: new Reported(), caller: () => houseCaller('alice'), version: '0.0.0' });
  close = () => api.close();
  const reply = await api.inject({ url: '/v1/runs/R-7K3QX2MA/report' });
  expect(reply.statusCode).toBe(200);
  expect(reply.headers['content-type']).toBe('text/html; charset=utf-8');
  const policy = String(reply.headers['content-security-policy']);
  expect(policy).toMatch(/^sandbox; default-src 'none'/);
  expect(policy).not.toMatch(/allow-|script-src/);
  expect(reply.body).toContain('report.html');
});
