// The small house has no playbook.
import { Problem } from '../../../src/domain/problem.ts';
import type { Caller } from '../../../src/http/services.ts';
import { FakeEvidence } from './evidence.ts';

export class FakeTriggers extends FakeEvidence {
  async playbooks() {
    return [];
  }

  async playbook(_caller: Caller, id: string): Promise<never> {
    throw new Problem('not-found', { message: `there is no playbook ${id}`, hint: 'rekey.yaml has no "playbooks"' });
  }

  async approvePlaybook(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async askPlaybookPasskey(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async approvePlaybookByPasskey(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async fire(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }

  async firing(caller: Caller, id: string): Promise<never> {
    return this.playbook(caller, id);
  }
}
