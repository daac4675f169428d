// A login with the secret under test: no credentials of Rekey's, a connection of its own, a verdict only where a rule gives one.
import type { AccountRef, Capabilities, Probed, Secret, Where } from '../../kit/kit.ts';
import { type Answer, type Request, retryAfterMs } from '../../protocols/http/exchange.ts';
import { seenOf } from './answer.ts';
import { type Api, basicValue, type NotMade } from './api.ts';
import type { Config } from './config.ts';
import { pairOf } from './pair.ts';
import { accountValues, requestOf } from './request.ts';
import { classify, meaning } from './rules.ts';
import { fill, headerPart } from './template.ts';

type Probe = NonNullable<Config['probe']>;
/** Where the API asks to wait and does not say how long. */
const defaultWaitMs = 1000;

export function probe(api: Api, block: Probe): Capabilities['probe'] {
  const here: Where = { path: block.id, replica: api.replica };
  return {
    paths: async () => [here],
    async attempt(account, secret, where) {
      if (where.path !== here.path || where.replica !== here.replica) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      return verdictOf(await api.asNobody((fixed) => loginRequest(api, block, account, secret, fixed)), block, api.io.now());
    },
  };
}

function loginRequest(api: Api, block: Probe, account: AccountRef, secret: Secret, fixed: Readonly<Record<string, string>>): Request {
  const paired = api.settings.mint?.issue.pair === true;
  return secret.text((text) => {
    const { id: slot, secret: bare } = paired ? pairOf(text) : { id: '', secret: text };
    const values = { ...accountValues(account), slot };
    const { secretAs } = block;
    const presented: Record<string, string> =
      secretAs === undefined
        ? {}
        : secretAs === 'bearer'
          ? { authorization: headerPart(`Bearer ${bare}`) }
          : secretAs === 'basic'
            ? { authorization: basicValue(fill(block.user, values), bare) }
            : { [secretAs.header.toLowerCase()]: headerPart(bare) };
    const held: Secret = { label: secret.label, use: (f) => f(Buffer.from(bare)), text: (f) => f(bare) };
    return requestOf(api.base, block, values, secretAs === undefined ? held : undefined, { headers: { ...fixed, ...presented } });
  });
}

export function verdictOf(answer: Answer | NotMade, block: Probe, now: Date): Probed {
  if (answer.kind === 'not-made') return { verdict: 'indeterminate', code: 'not-sent' };
  if (answer.kind !== 'answered') return { verdict: 'indeterminate', code: answer.code };
  const code = String(answer.status);
  const said = classify(
    [
      ...meaning(block.accepted, 'accepted'),
      ...meaning(block.rejected, 'rejected'),
      ...meaning(block.blocked, 'blocked'),
      ...meaning(block.throttled, 'throttled'),
    ],
    seenOf(answer),
  );
  if (said === 'throttled') return { verdict: 'indeterminate', code, retryAfterMs: retryAfterMs(answer.headers, now) ?? defaultWaitMs };
  return { verdict: said ?? 'indeterminate', code };
}
