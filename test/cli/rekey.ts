// Runs `rekey …` in this process over a given house: captured streams, typed answers, terminals that are and are not.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import { houseCaller } from '../../src/access/caller.ts';
import type { House, OpenEstate } from '../../src/cli/house.ts';
import { main } from '../../src/cli/main.ts';
import type { Terminal } from '../../src/cli/terminal.ts';
import { findEstate } from '../../src/estate/load.ts';
import { buildApi } from '../../src/http/api.ts';
import type { Services } from '../../src/http/services.ts';

export type Ran = { readonly exit: number; readonly out: string; readonly err: string };
export type RanOptions = {
  /** Both ends are a terminal. */
  readonly tty?: boolean;
  /** What stdin says; it ends after it unless `tty`. */
  readonly input?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Presses Ctrl-C when stderr first matches. */
  readonly interruptAt?: RegExp;
  readonly onErr?: (text: string) => void;
};

/** A folder with an estate file, so that commands find an estate. */
export function estateFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'rekey-cli-'));
  writeFileSync(join(folder, 'rekey.yaml'), 'apiVersion: rekey/v1\nestate: acme\n');
  return folder;
}

export class FakeHouse implements House {
  readonly services: Services;
  opened: { worker: boolean }[] = [];
  closed = 0;

  constructor(services: Services) {
    this.services = services;
  }
  async estateFolder(named: string | undefined, cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<string> {
    return dirname(findEstate(named, { cwd, env }));
  }
  async openEstate(options: { folder?: string; worker?: boolean }): Promise<OpenEstate> {
    this.opened.push({ worker: options.worker === true });
    const api = buildApi({ services: this.services, caller: () => houseCaller('alice'), version: '0.0.0' });
    return {
      services: this.services,
      api,
      estateName: this.services.estateName,
      demo: this.services.demo,
      listen: async (path) => void (await api.listen({ path })),
      serve: async ({ listen }) => ({
        url: `http://localhost:${listen.port}`,
        port: listen.port,
        code: null,
        reloadTls: () => {},
        close: async () => {},
      }),
      close: async () => {
        this.closed += 1;
        await api.close();
      },
    };
  }
  async initEstate({ folder }: { folder: string; name: string }) {
    return { files: [join(folder, 'rekey.yaml')] };
  }
  async inspectEstate() {
    return { estate: { name: 'acme' }, warnings: [] };
  }
  async estateSchema() {
    return { title: 'Rekey estate file' };
  }
  async startDemo() {
    return { close: async () => {} };
  }
  async runDemo() {
    return 0;
  }
  version() {
    return '0.0.0';
  }
}

export async function rekey(house: House, cwd: string, argv: readonly string[], options: RanOptions = {}): Promise<Ran> {
  const stream = (isTTY: boolean) => Object.assign(new PassThrough(), { isTTY, columns: 100 });
  const [stdin, stdout, stderr] = [stream(options.tty === true), stream(options.tty === true), stream(options.tty === true)];
  const said = { out: '', err: '' };
  let interrupt: (() => void) | undefined;
  let pressed = false;
  stdout.on('data', (chunk) => {
    said.out += chunk;
  });
  stderr.on('data', (chunk) => {
    said.err += chunk;
    options.onErr?.(said.err);
    if (!pressed && options.interruptAt?.test(said.err)) {
      pressed = true;
      setImmediate(() => interrupt?.());
    }
  });
  if (options.tty === true) {
    if (options.input !== undefined) stdin.write(options.input);
  } else stdin.end(options.input ?? '');
  const terminal: Terminal = {
    stdin,
    stdout,
    stderr,
    env: { LANG: 'C.UTF-8', ...options.env },
    cwd: options.cwd ?? cwd,
    onInterrupt(act) {
      interrupt = act;
      return () => {
        if (interrupt === act) interrupt = undefined;
      };
    },
    onReload: () => () => {},
  };
  const exit = await main(argv, { terminal, house });
  await new Promise((done) => setImmediate(done));
  return { exit, ...said };
}
