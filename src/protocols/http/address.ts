// Which addresses a caller may reach: a name is resolved once, every address it has is checked, and the connection goes to one of those.
import { type LookupAddress, lookup as resolveName } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/** `metadata`: link-local and cloud metadata services. `private`: loopback and every range that is not routed on the Internet. */
export type AddressClass = 'public' | 'private' | 'metadata';
/** The widest class of addresses that may be called. Metadata services are never called: nothing Rekey resets lives there. */
export type Reach = 'public' | 'private';

const metadata = new BlockList();
metadata.addSubnet('169.254.0.0', 16, 'ipv4');
metadata.addAddress('100.100.100.200', 'ipv4');
metadata.addAddress('192.0.0.192', 'ipv4');
metadata.addSubnet('fe80::', 10, 'ipv6');
metadata.addAddress('fd00:ec2::254', 'ipv6');
metadata.addAddress('fd20:ce::254', 'ipv6');

const inside = new BlockList();
for (const [net, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const)
  inside.addSubnet(net, prefix, 'ipv4');
for (const [net, prefix] of [
  // Loopback, nothing, and the old way to write an IPv4 address.
  ['::', 96],
  ['fc00::', 7],
  ['fec0::', 10],
  ['ff00::', 8],
  // Ranges that carry an IPv4 address of any kind inside: NAT64, 6to4, Teredo.
  ['64:ff9b::', 96],
  ['64:ff9b:1::', 48],
  ['2002::', 16],
  ['2001::', 32],
] as const)
  inside.addSubnet(net, prefix, 'ipv6');

export function addressClass(address: string): AddressClass {
  const plain = mappedIpv4(address) ?? address;
  const family = isIP(plain) === 6 ? 'ipv6' : 'ipv4';
  if (metadata.check(plain, family)) return 'metadata';
  return inside.check(plain, family) ? 'private' : 'public';
}

/** ::ffff:127.0.0.1 is 127.0.0.1, however it is written: the URL parser gives ::ffff:7f00:1. */
function mappedIpv4(address: string): string | undefined {
  const dotted = /^::(?:ffff:)?(\d{1,3}(?:\.\d{1,3}){3})$/i.exec(address)?.[1];
  if (dotted !== undefined) return dotted;
  const [, high, low] = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address) ?? [];
  if (high === undefined || low === undefined) return undefined;
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)];
  return `${a >> 8}.${a & 255}.${b >> 8}.${b & 255}`;
}

export const forbiddenCode = 'EADDRFORBIDDEN';

export function isForbidden(address: string, reach: Reach): boolean {
  const found = addressClass(address);
  return found === 'metadata' || (found === 'private' && reach === 'public');
}

/** For hosts that are addresses: no name is resolved for them, so `lookup` never sees them. */
export function hostIsForbidden(host: string, reach: Reach): boolean {
  const bare = host.replace(/^\[|\]$/g, '');
  return isIP(bare) !== 0 && isForbidden(bare, reach);
}

type Resolve = (name: string, done: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void) => void;
const system: Resolve = (name, done) => resolveName(name, { all: true }, done);

/** One address that may not be called among several good ones is enough to refuse: a name that answers both is not to be trusted. */
export function pinnedLookup(reach: Reach, resolve: Resolve = system): LookupFunction {
  return (name, options, done) => {
    resolve(name, (error, addresses) => {
      const [first] = addresses ?? [];
      const failure =
        error ??
        (first === undefined
          ? coded('ENOTFOUND')
          : addresses.some(({ address }) => isForbidden(address, reach))
            ? coded(forbiddenCode)
            : null);
      if (failure !== null || first === undefined) done(failure, '', 0);
      else if (options.all === true) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}

const coded = (code: string): NodeJS.ErrnoException => Object.assign(new Error(code), { code });
