// The house of the real program: everything the CLI may have to start itself is loaded from here, and only when it is needed.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { KnownConnectors } from '../estate/rules.ts';
import type { House } from './house.ts';

// app.ts brings the store and every service with it and takes most of a second to load: only what opens an estate waits for it.
const app = () => import('../app.ts');

const demo = () => import('../demo/demo.ts');

export const house: House = {
  async estateFolder(named, cwd, env) {
    const { findEstate } = await import('../estate/load.ts');
    return dirname(findEstate(named, { cwd, env }));
  },
  openEstate: async (options) => (await app()).openEstate(options),
  initEstate: async (options) => (await app()).initEstate(options),
  async inspectEstate(folder, env) {
    const { loadInspected } = await import('../estate/load.ts');
    return loadInspected(folder, { connectors: await knownConnectors(), env });
  },
  async estateSchema() {
    const { estateSchema } = await import('../estate/schema.ts');
    return estateSchema(await knownConnectors());
  },
  runDemo: async (options) => (await demo()).runDemo(options),
  startDemo: async (folder) => (await import('../demo/serve-demo.ts')).startDemo(folder),
  version() {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string }; // our own file
    return manifest.version;
  },
};

async function knownConnectors(): Promise<KnownConnectors> {
  const { registry } = await import('../connectors/registry.gen.ts');
  const loaded = await Promise.all(Object.values(registry).map((connector) => connector()));
  return new Map(loaded.map((connector) => [connector.id, connector]));
}
