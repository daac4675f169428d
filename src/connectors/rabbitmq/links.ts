// Shovels and federation upstreams whose addresses hold a user's name (and so its password). The password is never taken out of them.
import { z } from 'zod';

export const parameterList = z.array(
  z.looseObject({ component: z.string(), name: z.string(), vhost: z.string().default(''), value: z.unknown() }),
);
export type Parameter = z.infer<typeof parameterList>[number];

/** `component vhost name`, as the management pages show them. */
export function linksOf(user: string, parameters: readonly Parameter[]): string[] {
  return parameters
    .filter(({ value }) => addressesIn(value).some((address) => userIn(address) === user))
    .map(({ component, vhost, name }) => `${component} ${vhost} ${name}`);
}

/** Keys ending in `uri` hold one address or a list: src-uri, dest-uri, uri. */
function addressesIn(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, held]) => {
    if (!/uri$/.test(key)) return [];
    const list: unknown[] = Array.isArray(held) ? held : [held];
    return list.filter((each) => typeof each === 'string');
  });
}

function userIn(address: string): string | undefined {
  if (!URL.canParse(address)) return undefined;
  try {
    return decodeURIComponent(new URL(address).username);
  } catch {
    return undefined;
  }
}
