// Every way a pod comes by a Secret is known, and a Secret or key it does not read is not counted.
import { expect, test } from 'vitest';
import type { PodSpec } from './objects.ts';
import { waysOf } from './ways.ts';

const place = { name: 'app', key: 'password' };
const spec = (container: object, more: object = {}): PodSpec => ({ containers: [{ name: 'main', ...container }], ...more }) as PodSpec;
const volume = (items?: object[]) => ({ volumes: [{ name: 'v', secret: { secretName: 'app', items } }] });

test.each<[string, PodSpec, string[]]>([
  ['a variable', spec({ env: [{ valueFrom: { secretKeyRef: { name: 'app', key: 'password' } } }] }), ['env']],
  ['a variable of another key', spec({ env: [{ valueFrom: { secretKeyRef: { name: 'app', key: 'user' } } }] }), []],
  ['a variable of another Secret', spec({ env: [{ valueFrom: { secretKeyRef: { name: 'app2', key: 'password' } } }] }), []],
  ['all keys as variables', spec({ envFrom: [{ secretRef: { name: 'app' } }] }), ['env']],
  ['a volume', spec({ volumeMounts: [{ name: 'v' }] }, volume()), ['volume']],
  ['a volume with the key among its items', spec({ volumeMounts: [{ name: 'v' }] }, volume([{ key: 'password' }])), ['volume']],
  ['a volume without the key', spec({ volumeMounts: [{ name: 'v' }] }, volume([{ key: 'user' }])), []],
  ['a volume that nothing mounts', spec({}, volume()), []],
  ['a file of a volume', spec({ volumeMounts: [{ name: 'v', subPath: 'password' }] }, volume()), ['subPath']],
  [
    'a projected volume',
    spec({ volumeMounts: [{ name: 'p' }] }, { volumes: [{ name: 'p', projected: { sources: [{ secret: { name: 'app' } }] } }] }),
    ['volume'],
  ],
  ['an init container', { ...spec({}), initContainers: [{ name: 'init', envFrom: [{ secretRef: { name: 'app' } }] }] }, ['env']],
  ['the credential of the registry', spec({}, { imagePullSecrets: [{ name: 'app' }] }), ['imagePullSecrets']],
  ['nothing', spec({}), []],
])('%s', (_name, pod, ways) => {
  expect(waysOf(pod, place)).toEqual(ways);
});
