// How a workload's pods come by a Secret: only what reads it can adopt it, and most ways never see a change without a restart.
import type { PodSpec } from './objects.ts';
import type { Place } from './reference.ts';

/** `volume` is refreshed by the kubelet within a minute or so, if the process reads the file again; the others never are. */
export type Way = 'env' | 'subPath' | 'volume' | 'imagePullSecrets';

export function waysOf(spec: PodSpec, { name, key }: Pick<Place, 'name' | 'key'>): readonly Way[] {
  const ways = new Set<Way>();
  const covers = (items: readonly { readonly key: string }[] | null | undefined): boolean =>
    items === null || items === undefined || items.some((item) => item.key === key);
  const volumes = (spec.volumes ?? [])
    .filter(
      ({ secret, projected }) =>
        (secret?.secretName === name && covers(secret.items)) ||
        (projected?.sources ?? []).some((source) => source.secret?.name === name && covers(source.secret.items)),
    )
    .map((volume) => volume.name);
  for (const { env, envFrom, volumeMounts } of [...spec.containers, ...(spec.initContainers ?? [])]) {
    if ((env ?? []).some(({ valueFrom }) => valueFrom?.secretKeyRef?.name === name && valueFrom.secretKeyRef.key === key)) ways.add('env');
    if ((envFrom ?? []).some(({ secretRef }) => secretRef?.name === name)) ways.add('env');
    for (const mount of volumeMounts ?? []) {
      if (!volumes.includes(mount.name)) continue;
      ways.add(mount.subPath === undefined && mount.subPathExpr === undefined ? 'volume' : 'subPath');
    }
  }
  if ((spec.imagePullSecrets ?? []).some((each) => each.name === name)) ways.add('imagePullSecrets');
  return [...ways];
}
