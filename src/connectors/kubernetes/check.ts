// What doctor shows of a Kubernetes store: the API server, the token, and rights that are more than a store needs.
import type { Capabilities, Check } from '../../kit/kit.ts';
import { type Ask, type Begin, firstFailure } from '../../protocols/http/ask.ts';
import { member, textAt } from '../../protocols/http/call.ts';
import type { Config } from './config.ts';

export function check(config: Config, begin: Begin): Capabilities['check'] {
  const { url } = config;
  return {
    async *run() {
      // Each question may take its full time: doctor is no operation of a run.
      const ask: Ask = (...asked) => begin()(...asked);
      const version = await ask({ method: 'GET', path: ['version'] }, [200]);
      if (version.kind !== 'done') {
        yield firstFailure(version.fault, url);
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${url} answers: Kubernetes ${textAt(version.value.body, 'gitVersion') ?? 'unknown'}` };
      const everywhere = await may(ask, { verb: 'list', resource: 'secrets' });
      if (typeof everywhere !== 'boolean') {
        yield everywhere.target === '401'
          ? {
              id: 'auth',
              verdict: 'fail',
              message: everywhere.message,
              next: 'Put a token of the service account where config.token points.',
            }
          : {
              id: 'rights',
              verdict: 'warn',
              message: `rights cannot be asked for: ${everywhere.message}`,
              next: 'Allow selfsubjectaccessreviews (system:basic-user).',
            };
        return;
      }
      yield { id: 'auth', verdict: 'ok', message: 'the API server takes the token' };
      if (everywhere)
        yield {
          id: 'rights',
          verdict: 'warn',
          message: 'the token may list every Secret of the cluster: more than it needs',
          next: 'Bind a Role with get and patch on the Secrets by name (resourceNames).',
        };
      for (const namespace of config.namespaces ?? []) yield* namespaceChecks(ask, namespace);
    },
  };
}

type Attributes = { readonly verb: string; readonly resource: string; readonly group?: string; readonly namespace?: string };

/** Rights given by resourceNames do not show without a name: a missing right on the Secrets is therefore never a failure here. */
async function* namespaceChecks(ask: Ask, namespace: string): AsyncGenerator<Check> {
  const wanted: readonly Attributes[] = [
    { verb: 'patch', resource: 'deployments', group: 'apps', namespace },
    { verb: 'list', resource: 'pods', namespace },
  ];
  for (const attributes of wanted) {
    const allowed = await may(ask, attributes);
    if (allowed === true) continue;
    yield {
      id: 'rights',
      verdict: 'warn',
      message: `${namespace}: the token may not ${attributes.verb} ${attributes.resource}`,
      next: 'Needed for `rollout`, unless it is given by name: see the permissions of this connector.',
    };
  }
  yield { id: 'rights', verdict: 'ok', message: `${namespace}: asked` };
}

async function may(ask: Ask, resourceAttributes: Attributes): Promise<boolean | { readonly message: string; readonly target: string }> {
  const answer = await ask(
    {
      method: 'POST',
      path: ['apis', 'authorization.k8s.io', 'v1', 'selfsubjectaccessreviews'],
      json: { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectAccessReview', spec: { resourceAttributes } },
    },
    [200, 201],
  );
  if (answer.kind !== 'done') return { message: answer.fault.message, target: answer.fault.target ?? '' };
  return member(answer.value.body, 'status', 'allowed') === true;
}
