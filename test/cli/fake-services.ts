// A small house behind the doors, for tests of the doors: stateful, deterministic, no store. Its areas stand in the folder of this name.
import { Problem } from '../../src/domain/problem.ts';
import type { Caller, Services } from '../../src/http/services.ts';
import { FakeTriggers } from './fake-services/triggers.ts';

export class FakeServices extends FakeTriggers implements Services {
  /** Nothing is noticed: a test that needs changes gives its own. */
  readonly changes: Services['changes'] = { position: async () => '1-1', between: async () => [], ownOf: async () => [] };
  #keys = ['k1'];

  async notices() {
    return { items: [] };
  }

  async previewNotice() {
    return { subject: 'subject', text: 'text', html: '<p>html</p>' };
  }

  async testNotice() {
    return { sent: true, reason: null };
  }

  async estateFacts() {
    return {
      name: this.estateName,
      file: '/srv/rekey/rekey.yaml',
      store: { kind: 'embedded' as const, where: '/srv/rekey/.rekey/store' },
      keyring: 'file' as const,
      logKey: 'rekey/acme+00000000+key',
      approvals: { count: 1, tier0: 2, handover: 2, self: false },
      approvers: [],
      systems: [],
      sync: [],
    };
  }

  async changeKeyring(_caller: Caller, { turn, remove }: { turn: boolean; remove?: string }) {
    if (turn) this.#keys.unshift(`k${this.#keys.length + 1}`);
    const [current = ''] = this.#keys;
    if (remove === current) throw new Problem('conflict', { message: `"${remove}" is the current key.`, hint: 'Turn the keyring first.' });
    this.#keys = this.#keys.filter((key) => key !== remove);
    return { current, keys: this.#keys, rewrapped: turn ? 3 : 0 };
  }
}
