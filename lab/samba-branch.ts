// A read-only controller of the lab's domain, as a branch office has one: it keeps the passwords it was told to keep, and fetches nothing unless told to.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { baseOf, caFile, dnsName, labDomain, type Site, smbConf } from './samba/conf.ts';
import { adminLogin, joinDomain, run, startController } from './samba/controller.ts';
import type { LabSamba } from './samba.ts';

export type Branch = {
  readonly url: string;
  readonly name: string;
  /** A file with the CAs of every controller, this one among them. */
  readonly ca: string;
  /** Fetches the account's password from DC1 and keeps it, as it does after a first logon in the branch. */
  keep(account: string): Promise<void>;
  /** What DC1 has reaches it before this returns: the directory, in which a password that has changed is no longer kept. */
  replicate(): Promise<void>;
  stop(): Promise<void>;
};

const host = 'branch';
const ip = '127.0.0.13';

/** `dir` is the folder the domain was started in. Takes half a minute: joining is no part of the golden copies. */
export async function startBranch(lab: LabSamba, dir: string): Promise<Branch> {
  const dc1: Site = { dir: join(dir, 'dc1'), ip: '127.0.0.10', host: 'dc1', domain: labDomain, dns: '127.0.0.10' };
  const site: Site = { ...dc1, dir: join(dir, host), ip, host };
  // Names under which partners log in to each other, and where the new one is: a controller otherwise registers both by itself.
  await run(dc1, 'samba_spnupdate', ['-s', smbConf(dc1.dir)]);
  await joinDomain(site, dc1, 'RODC');
  const zone = labDomain.realm.toLowerCase();
  await run(dc1, 'samba-tool', ['dns', 'add', dc1.ip, zone, host, 'A', ip, '-U', adminLogin(dc1)]);
  const running = await startController(site);
  const ca = join(dir, 'branch-ca.pem');
  writeFileSync(ca, readFileSync(lab.ca, 'utf8') + readFileSync(caFile(site.dir), 'utf8'));
  return {
    url: `ldaps://${ip}`,
    name: dnsName(site),
    ca,
    keep: async (account) => {
      const allowed = ['group', 'addmembers', 'Allowed RODC Password Replication Group', account];
      await lab.tool('samba-tool', [...allowed, ...lab.local()]).catch((error: Error) => {
        if (!/already exists/.test(error.message)) throw error;
      });
      await run(site, 'samba-tool', ['rodc', 'preload', account, `--server=${dnsName(dc1)}`, '-s', smbConf(site.dir)]);
    },
    // With its own key: it does not know an administrator's password, so nobody could ask it over the network.
    replicate: async () => {
      const what = [dnsName(site), dnsName(dc1), baseOf(labDomain)];
      await run(site, 'samba-tool', ['drs', 'replicate', '--local', ...what, '-P', `--configfile=${smbConf(site.dir)}`]);
    },
    stop: () => running.stop(),
  };
}
