// The escrow as execution uses it: makes values the targets allow, seals them under the run's data key, opens any row again.
import { randomInt } from 'node:crypto';
import type { Claim, Escrow, SealedSecret, SharedValue } from '../execute/port.ts';
import type { PasswordPolicy } from '../kit/capability.ts';
import { sharedContext } from './draw.ts';
import { secretAad } from './envelope.ts';
import { type GeneratorRules, generate, unite } from './generate.ts';
import type { Seal } from './seal.ts';
import { secretOf } from './secret.ts';

const nonsenseAlphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';

/** `rules`: what the estate file says of a system's passwords. */
export function openEscrow(seal: Seal, rules: (system: string) => GeneratorRules): Escrow {
  return {
    generate: (system, policies) => {
      // The lane holds policies as it got them from the connector; their shape is the contract's.
      const united = unite(policies as readonly PasswordPolicy[], rules(system));
      return 'conflict' in united ? united : { value: Buffer.from(generate(united), 'utf8') };
    },
    derive: async (claim: Claim, shared: SharedValue) => {
      const key = await seal.dataKey(claim.dataKey);
      const { group, person, attempt, form } = shared;
      return Buffer.from(generate(form, key.draw(sharedContext({ run: claim.run, group, person, attempt }))), 'utf8');
    },
    seal: async (claim: Claim, account: string, version: number, value: Uint8Array) => {
      const key = await seal.dataKey(claim.dataKey);
      return key.seal(secretAad(account, 'generated', version, claim.dataKey), value);
    },
    open: async (account: string, row: SealedSecret) => {
      const key = await seal.dataKey(row.dataKey);
      const label = row.origin === 'generated' ? `v${row.version}` : `${row.origin}-${row.version}`;
      return secretOf(label, key.open(secretAad(account, row.origin, row.version, row.dataKey), row.sealed));
    },
    // Random each time: a fixed nonsense value could one day be somebody's password.
    nonsense: () => secretOf('nonsense', Array.from({ length: 24 }, () => nonsenseAlphabet[randomInt(nonsenseAlphabet.length)]).join('')),
  };
}
