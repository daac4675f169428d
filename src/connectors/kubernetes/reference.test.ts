// Refs and rollouts: what is understood, and why the rest is not.
import { expect, test } from 'vitest';
import { placeOf, workloadsOf } from './reference.ts';

test('a ref names namespace, Secret and key', () => {
  expect(placeOf('prod/app.db#DB_PASSWORD', undefined)).toMatchObject({
    kind: 'done',
    value: { namespace: 'prod', name: 'app.db', key: 'DB_PASSWORD' },
  });
});

test.each([
  ['app#password', 'does not name a Secret; write namespace/name#key'],
  ['prod/app', 'names no key'],
  ['prod/app#', 'names no key'],
  ['prod/app/x#k', 'does not name a Secret'],
  ['Prod/app#k', 'no valid namespace: "Prod"'],
  ['prod/App_1#k', 'no valid name of a Secret: "App_1"'],
  ['prod/../kube#k', 'does not name a Secret'],
  ['prod/app#a b', 'no valid key: "a b"'],
  ['test/app#k', 'not list; listed are prod'],
])('the ref %s is refused with its reason', (ref, why) => {
  const place = placeOf(ref, ['prod']);
  expect(place.kind === 'refused' ? place.fault : place).toMatchObject({ code: 'unsupported', message: expect.stringContaining(why) });
});

test('workloads are read as kubectl names them', () => {
  expect(workloadsOf('rollout deployment/web, sts/db,daemonsets/agent')).toMatchObject({
    kind: 'done',
    value: [
      { kind: 'deployment', name: 'web' },
      { kind: 'statefulset', name: 'db' },
      { kind: 'daemonset', name: 'agent' },
    ],
  });
});

test.each([
  'restart web',
  'rollout',
  'rollout web',
  'rollout pod/web',
  'rollout deployment/Web',
  'rollout deployment/web,,',
  'rollout constructor/x',
])('"%s" is not taken for a rollout', (text) => {
  expect(workloadsOf(text)).toMatchObject({ kind: 'refused', fault: { code: 'unsupported' } });
});
