// Connectors for tests of the estate file: their settings only, so that these tests do not move when a real connector does.
import { z } from 'zod';
import type { KnownConnector, KnownConnectors } from '../../src/estate/rules.ts';

const ref = z.union([
  z.strictObject({ env: z.string() }),
  z.strictObject({ file: z.string() }),
  z.strictObject({ exec: z.array(z.string()) }),
  z.strictObject({ vault: z.string() }),
]);
const all = {
  check: true,
  inventory: true,
  passwordPolicy: true,
  secretForm: { cannot: 'a password' },
  setSecret: true,
  overlap: { cannot: 'one slot' },
  dualSecret: { cannot: 'one slot' },
  state: true,
  lockout: true,
  sessions: true,
  contain: true,
} as const;
const system = { ...all, storeConsumer: { cannot: 'no store' }, probe: true } as const;

const list: readonly KnownConnector[] = [
  {
    id: 'twin',
    role: 'system',
    supports: system,
    config: z.strictObject({
      seed: z.union([z.string(), z.number()]),
      accounts: z.strictObject({ people: z.number().int().min(0).optional() }),
      latencyMs: z.number().optional(),
    }),
  },
  {
    id: 'ldap',
    role: 'system',
    supports: system,
    config: z.strictObject({
      url: z.string().refine((url) => /^ldaps?:\/\//.test(url), 'write an ldap:// or ldaps:// address'),
      ca: z.string().optional(),
      base: z.string().optional(),
      bind: z.strictObject({ dn: z.string(), password: ref }).optional(),
    }),
  },
  { id: 'radius', role: 'system', supports: system, config: z.strictObject({ host: z.string(), secret: ref }) },
  {
    id: 'file',
    role: 'store',
    supports: { ...system, setSecret: { cannot: 'a place to read from' }, probe: { cannot: 'no logins' } },
    config: z.strictObject({}),
  },
];

export const sampleConnectors: KnownConnectors = new Map(list.map((connector) => [connector.id, connector]));
