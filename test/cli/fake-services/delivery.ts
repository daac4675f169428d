// Delivery in the small house: one secret, one claim that came too late, one hand-over that may wait for approval.
import { houseCaller } from '../../../src/access/caller.ts';
import { Problem } from '../../../src/domain/problem.ts';
import type { Caller } from '../../../src/http/services.ts';
import { FakeNow } from './now.ts';
import { at } from './state.ts';

const lateClaim = {
  person: 'alice@corp.test',
  version: 2,
  state: 'expired' as const,
  setAt: at,
  until: null,
  revealedAt: null,
  reveals: 0,
};

export class FakeDelivery extends FakeNow {
  async reveal(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return { secret: 'Correct-Horse-9', version: 2, until: null };
  }
  readonly delivery = { reRevealMs: 600_000 };
  async myClaims() {
    return { items: [] };
  }
  async myClaim() {
    return undefined;
  }
  async keep() {
    return true;
  }
  async accountClaims(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return [lateClaim];
  }
  async reopenClaim(_caller: Caller, system: string, account: string) {
    await this.account(houseCaller(''), system, account);
    return { ...lateClaim, state: 'waiting' as const, until: '2026-11-24T09:00:00.000Z' };
  }
  async runClaims(_caller: Caller, run: string) {
    this.runRow(run);
    return { counts: { waiting: 0, revealed: 0, used: 0, expired: 0, withdrawn: 0 }, items: [] };
  }
  async workloadCredential(proof: { token?: string }) {
    if (proof.token !== 'a-good-token')
      throw new Problem('not-signed-in', { message: 'the workload did not prove who it is', hint: 'send a token' });
    return { secret: 'Correct-Horse-9', version: 2, setAt: at };
  }

  async handover(_caller: Caller, request: { run: string; where?: string; recipients: readonly string[] }) {
    this.runRow(request.run);
    if (this.options.approvals > 0) {
      throw new Problem('approval-missing', {
        message: 'hand-over H-00000001 has 0 of 2 approvals',
        hint: 'rekey approve H-00000001 --as NAME --key FILE, then run this again',
      });
    }
    return { id: 'H-00000001', age: chunks('age-encryption.org/v1\n...') };
  }
}

export async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
