// Real Samba AD domain controllers: one domain with one or two writable controllers whose replication runs only when told, and a second domain beside it.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { baseOf, caFile, dnsName, labDomain, otherDomain, type Site, samLdb, smbConf } from './samba/conf.ts';
import { adminPassword, provision, type RunningController, run, startController } from './samba/controller.ts';
import { golden } from './samba/golden.ts';
import { pair, replicateOne } from './samba/pair.ts';
import { accountsLdif, delegate, firstPassword, ldif, members, policies, rekeyUser, type Seed } from './samba/seed.ts';

export type SambaOptions = Partial<Seed> & {
  /** Ours to fill. */
  readonly dir: string;
  /** Two: DC2 on 127.0.0.11, joined to DC1 on 127.0.0.10. */
  readonly controllers?: 1 | 2;
  /** A second domain, OTHER.TEST, on 127.0.0.12. */
  readonly other?: boolean;
  /** An executable: see Site. */
  readonly passwordFilter?: string;
  /** The controllers serve files: see Site. */
  readonly smb?: boolean;
  readonly replicates?: boolean;
};

export type LabController = {
  readonly url: string;
  readonly ip: string;
  readonly name: string;
  readonly logDir: string;
  stop(): Promise<void>;
  start(): Promise<void>;
};
export type LabSamba = {
  readonly realm: string;
  readonly base: string;
  readonly ca: string;
  readonly controllers: readonly LabController[];
  /** UPN and password of the delegated account: no administrator. */
  readonly rekey: { readonly user: string; readonly password: string };
  readonly admin: { readonly user: string; readonly password: string };
  readonly names: typeof members;
  firstPassword(name: string): string;
  dn(name: string): string;
  /** LDIF changes written past every access rule, on the named controller (0 = DC1). */
  modify(text: string, controller?: number): Promise<void>;
  add(text: string): Promise<void>;
  /** A tool of Samba, as that controller: `samba-tool`, `ldbsearch`; `local` points it at the controller's own database. */
  tool(command: string, args: readonly string[], controller?: number): Promise<string>;
  local(controller?: number): readonly string[];
  /** Everything DC1 has reaches DC2 (or back) before it returns. Without it nothing travels. */
  replicate(direction?: 'forward' | 'back'): Promise<void>;
  stop(): Promise<void>;
};

const defaults: Seed = { people: 40, services: 6, lockable: 8, strict: 4 };

export async function startSamba(options: SambaOptions): Promise<LabSamba & { readonly other: LabSamba | undefined }> {
  const dir = resolve(options.dir);
  mkdirSync(dir, { recursive: true });
  const seed = Object.fromEntries(Object.entries(defaults).map(([name, count]) => [name, options[name as keyof Seed] ?? count])) as Seed;
  const dc1: Site = { dir: join(dir, 'dc1'), ip: '127.0.0.10', host: 'dc1', domain: labDomain, dns: '127.0.0.10' };
  const dc2: Site = { ...dc1, dir: join(dir, 'dc2'), ip: '127.0.0.11', host: 'dc2' };
  const beside: Site = { dir: join(dir, 'other1'), ip: '127.0.0.12', host: 'other1', domain: otherDomain, dns: '127.0.0.12' };
  const sites = options.controllers === 2 ? [dc1, dc2] : [dc1];
  await golden(join(dir), { seed, controllers: sites.length, other: options.other === true }, async () => {
    await make(dc1, seed);
    if (options.other === true) await make(beside, { people: 3, services: 1, lockable: 0, strict: 0 });
    if (sites.length === 2) await pair(dc1, dc2);
  });
  const started: LabSamba[] = [];
  const more = {
    ...(options.passwordFilter === undefined ? {} : { passwordFilter: options.passwordFilter }),
    ...(options.replicates === undefined ? {} : { replicates: options.replicates }),
    ...(options.smb === undefined ? {} : { smb: options.smb }),
  };
  try {
    const lab = await up(sites.map((site) => ({ ...site, ...more })));
    started.push(lab);
    const other = options.other === true ? await up([beside]) : undefined;
    const stop = async () => {
      await Promise.all([lab.stop(), other?.stop()]);
    };
    return { ...lab, other, stop };
  } catch (error) {
    await Promise.all(started.map((each) => each.stop()));
    throw error;
  }
}

async function make(site: Site, seed: Seed): Promise<void> {
  await provision(site);
  await ldif(site, 'ldbadd', accountsLdif(site, seed));
  await delegate(site);
  await policies(site, seed);
}

async function up(sites: readonly Site[]): Promise<LabSamba> {
  const running: RunningController[] = [];
  const stop = async () => {
    await Promise.all(running.map((each) => each.stop()));
  };
  try {
    // One after the other: two that start together fight for two cores and neither is sooner.
    for (const site of sites) running.push(await startController(site));
  } catch (error) {
    await stop();
    throw error;
  }
  const [first] = sites as readonly [Site, ...Site[]];
  const site = (n: number): Site => sites[n] ?? first;
  const base = baseOf(first.domain);
  const realm = first.domain.realm;
  const ou = (name: string) => (name === rekeyUser ? 'Rekey' : name.startsWith('svc-') ? 'Services' : 'People');
  const ca = join(dirname(first.dir), `${realm.toLowerCase()}-ca.pem`);
  writeFileSync(ca, sites.map((each) => readFileSync(caFile(each.dir), 'utf8')).join(''));
  const local = (n = 0) => [`--configfile=${smbConf(site(n).dir)}`, '-H', samLdb(site(n).dir)];
  return {
    realm,
    base,
    ca,
    controllers: running.map((each, n) => ({
      url: `ldaps://${each.site.ip}`,
      ip: each.site.ip,
      name: dnsName(each.site),
      logDir: join(each.site.dir, 'log'),
      stop: () => (running[n] as RunningController).stop(),
      start: async () => {
        running[n] = await startController(each.site);
      },
    })),
    rekey: { user: `${rekeyUser}@${realm.toLowerCase()}`, password: firstPassword(realm, rekeyUser) },
    admin: { user: `administrator@${realm.toLowerCase()}`, password: adminPassword },
    names: members,
    firstPassword: (name) => firstPassword(realm, name),
    dn: (name) => `CN=${name},OU=${ou(name)},${base}`,
    modify: (text, n = 0) => ldif(site(n), 'ldbmodify', text),
    add: (text) => ldif(site(0), 'ldbadd', text),
    tool: (command, args, n = 0) => run(site(n), command, args),
    local,
    replicate: (direction = 'forward') =>
      direction === 'forward' ? replicateOne(first, site(1), base) : replicateOne(site(1), first, base),
    stop,
  };
}
