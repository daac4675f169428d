// What a workload's block must say together: one proof of itself, an issuer nobody on the way can imitate, accounts of systems that are there.
import { didYouMean } from './did-you-mean.ts';
import type { Loose, LooseWorkload } from './loose.ts';
import type { Path } from './yaml-places.ts';

type Finding = { readonly path: Path; readonly key?: boolean; readonly message: string; readonly hint: string };

export function workloadFindings({ workloads, systems }: Loose): Finding[] {
  const known = systems.flatMap(({ id }) => id ?? []);
  return workloads.flatMap((workload, n) => {
    const first = workloads.findIndex(({ id }) => id !== undefined && id === workload.id);
    return [
      ...(first === n || workload.id === undefined
        ? []
        : [
            {
              path: ['workloads', n, 'id'],
              message: `workloads.${n}.id: "${workload.id}" is also the id of workloads.${first}`,
              hint: 'give each workload an id of its own',
            },
          ]),
      ...proof(workload, n),
      ...workload.may.flatMap((name, m) => account(name, ['workloads', n, 'may', m], known)),
    ];
  });
}

function proof({ issuer, jwks, audience, claims, certificate }: LooseWorkload, n: number): Finding[] {
  const at = `workloads.${n}`;
  const whole = (message: string, hint: string): Finding => ({ path: ['workloads', n], message: `${at}: ${message}`, hint });
  if ((issuer === undefined) === (certificate === undefined))
    return [
      whole(
        issuer === undefined ? 'says no way to prove who it is' : 'says two ways to prove who it is',
        'give it either an issuer with audience and claims, or a certificate',
      ),
    ];
  if (certificate !== undefined)
    return certificate.san === undefined && certificate.subject === undefined
      ? [whole('any certificate of this authority would do', 'add "san:" or "subject:" to the certificate')]
      : [];
  const found: Finding[] = [];
  if (audience === undefined)
    found.push(whole('a token made for another service would do', 'add "audience:", and ask the issuer for tokens with it'));
  if (!claims.some((pattern) => /[^*]/.test(pattern)))
    found.push(whole('any token of this issuer would do', 'add "claims:", such as { sub: "repo:acme/orders:ref:refs/heads/main" }'));
  for (const [key, value] of [
    ['issuer', issuer],
    ['jwks', jwks],
  ] as const)
    if (value !== undefined && !isSafe(value))
      found.push({
        path: ['workloads', n, key],
        message: `${at}.${key}: expected an https address`,
        hint: 'keys that came over plain http could be anybody’s; http is taken for this machine only (127.0.0.1, localhost)',
      });
  return found;
}

function isSafe(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || url.username !== '' || url.hash !== '') return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname));
}

function account(name: string | undefined, path: Path, known: readonly string[]): Finding[] {
  if (name === undefined) return [];
  const slash = name.indexOf('/');
  const system = slash === -1 ? name : name.slice(0, slash);
  if (slash < 1 || slash === name.length - 1)
    return [{ path, message: `${path.join('.')}: expected SYSTEM/ACCOUNT`, hint: 'for example "orders-db/app"' }];
  if (known.includes(system)) return [];
  const hint = didYouMean(system, known) ?? 'name a system of this file';
  return [{ path, message: `${path.join('.')}: there is no system "${system.slice(0, 60)}"`, hint }];
}
