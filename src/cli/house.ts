// What the CLI needs of the process it may have to be itself: an opened estate, a new one, the demo. open.ts has the real one.
import type { FastifyInstance } from 'fastify';
import type { ProblemDetail } from '../domain/problem.ts';
import type { Services } from '../http/services.ts';

/** The options of `rekey serve`, as src/serve takes them. */
export type ServeOptions = {
  readonly listen: { readonly host: string; readonly port: number };
  readonly tls?: { readonly cert: string; readonly key: string };
  readonly publicUrl?: string;
  readonly proxies: readonly string[];
  readonly metricsToken?: string;
  readonly metricsListen?: { readonly host: string; readonly port: number };
  readonly logLevel: 'info' | 'warn' | 'error';
};
export type Serving = {
  readonly url: string;
  readonly port: number;
  readonly metricsPort?: number;
  /** Makes the first administrator; null once there is one. */
  readonly code: string | null;
  reloadTls(): void;
  close(): Promise<void>;
};

export type OpenEstate = {
  readonly services: Services;
  readonly api: FastifyInstance;
  readonly estateName: string;
  readonly demo: boolean;
  listen(socketPath: string): Promise<void>;
  serve(options: ServeOptions): Promise<Serving>;
  close(): Promise<void>;
};

export type DemoOptions = {
  readonly seed: string;
  /** Runs one `rekey …` command on the same terminal, with its exit code; `folder` is the demo's estate. */
  readonly rekey: (argv: readonly string[], folder: string) => Promise<number>;
  readonly say: (text: string) => void;
  readonly signal: AbortSignal;
};

export interface House {
  /** The folder that holds rekey.yaml; throws a Problem when there is none. */
  estateFolder(named: string | undefined, cwd: string, env: Readonly<Record<string, string | undefined>>): Promise<string>;
  openEstate(options: { folder?: string; worker?: boolean }): Promise<OpenEstate>;
  /** Estate file, keyring, embedded store. The paths written, relative to the folder. */
  initEstate(options: { folder: string; name: string }): Promise<{ readonly files: readonly string[] }>;
  /** Parses and checks the estate file without opening the store. */
  inspectEstate(
    folder: string,
    env: Readonly<Record<string, string | undefined>>,
  ): Promise<{ readonly estate: unknown; readonly warnings: readonly ProblemDetail[] }>;
  estateSchema(): Promise<unknown>;
  runDemo(options: DemoOptions): Promise<number>;
  /** Makes the fictitious estate in an empty folder, or finds the one that is there, and runs its applications. */
  startDemo(folder: string): Promise<{ close(): Promise<void> }>;
  version(): string;
}
