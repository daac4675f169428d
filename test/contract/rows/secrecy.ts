// Whatever happens, no answer of a connector holds a secret: not in JSON, not when inspected, not in an error.
import assert from 'node:assert/strict';
import { inspect } from 'node:util';
import type { Situation } from '../../../src/kit/contract.ts';
import { canaryText, consumerOf, login, newSecret, nonsense, oldSecret, type Row, type Stage, set } from '../row.ts';

const leaky: readonly Situation[] = ['plain', 'reply-lost', 'request-lost', 'policy', 'throttled', 'unreachable', 'missing'];

async function everything({ rig }: Stage): Promise<unknown[]> {
  const { connection, account } = rig;
  const seen: unknown[] = [];
  const keep = async (work: () => Promise<unknown>): Promise<void> => {
    seen.push(await work().catch((error: unknown) => error));
  };
  if (connection.setSecret !== undefined) await keep(() => set(rig));
  if (connection.probe !== undefined) {
    for (const secret of [newSecret(rig), nonsense(rig), oldSecret(rig)]) await keep(() => login(rig, secret));
  }
  const { state, sessions, storeConsumer } = connection;
  if (state !== undefined) await keep(async () => state.read(account, (await state.replicas())[0] ?? ''));
  if (sessions !== undefined) await keep(() => sessions.list(account));
  if (storeConsumer !== undefined) {
    await keep(() => storeConsumer.put(consumerOf(rig), account, newSecret(rig)));
    await keep(() => storeConsumer.holds(consumerOf(rig), account, nonsense(rig)));
  }
  return seen;
}

export const secrecyRows: readonly Row[] = leaky.map((situation) => ({
  name: `no answer holds a secret (${situation})`,
  requires: [],
  situation,
  async run(stage) {
    const seen = await everything(stage);
    const shown = seen
      .map((value) => JSON.stringify(value) + inspect(value, { depth: 12, showHidden: true }) + (value instanceof Error ? value.stack : ''))
      .join('\n');
    for (const text of [stage.rig.values?.fresh ?? canaryText, stage.rig.old]) {
      const forms = [text, Buffer.from(text).toString('base64').slice(0, 12), Buffer.from(text).toString('hex')];
      for (const form of forms) assert.ok(!shown.includes(form), `an answer holds a secret (${situation})`);
    }
    assert.ok(!seen.some((value) => value instanceof Error), `an exception came out: ${seen.find((value) => value instanceof Error)}`);
  },
}));
