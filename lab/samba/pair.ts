// Two controllers of one domain: joined, known to each other by name, and replicated when told to.
import { baseOf, dnsName, type Site, samLdb, smbConf } from './conf.ts';
import { adminLogin, joinDomain, run, startController } from './controller.ts';

/** Joins DC2 to DC1 and leaves both stopped, each knowing all of the other. */
export async function pair(dc1: Site, dc2: Site): Promise<void> {
  const first = await startController(dc1);
  try {
    // What the service dnsupdate would register by itself: the names under which replication partners log in to each other, known before DC2 copies them,
    // and afterwards where DC2 is.
    await run(dc1, 'samba_spnupdate', ['-s', smbConf(dc1.dir)]);
    await joinDomain(dc2, dc1);
    const credentials = ['-U', adminLogin(dc1)];
    const zone = dc1.domain.realm.toLowerCase();
    const ids = await run(dc2, 'ldbsearch', [
      `--configfile=${smbConf(dc2.dir)}`,
      '-H',
      samLdb(dc2.dir),
      '-b',
      `CN=Sites,CN=Configuration,${baseOf(dc1.domain)}`,
      '(objectClass=nTDSDSA)',
      'objectGUID',
    ]);
    const add = (...record: string[]) => run(dc1, 'samba-tool', ['dns', 'add', dc1.ip, ...record, ...credentials]).catch(ignoreExisting);
    await add(zone, dc2.host, 'A', dc2.ip);
    for (const [, host, guid] of ids.matchAll(/dn: CN=NTDS Settings,CN=(DC\d)[^\n]*\nobjectGUID: ([0-9a-f-]+)/g))
      await add(`_msdcs.${zone}`, guid as string, 'CNAME', `${(host as string).toLowerCase()}.${zone}`);
    const second = await startController(dc2);
    try {
      await replicateAll(dc1, dc2);
      await replicateAll(dc2, dc1);
    } finally {
      await second.stop();
    }
  } finally {
    await first.stop();
  }
}

function ignoreExisting(error: Error): string {
  if (/already exist|ALREADY_EXISTS/i.test(error.message)) return '';
  throw error;
}

async function replicateAll(from: Site, to: Site): Promise<void> {
  const base = baseOf(from.domain);
  for (const context of [base, `CN=Configuration,${base}`]) await replicateOne(from, to, context);
}

/** Asked of the controller that pulls; it answers when the change is stored there. */
export async function replicateOne(from: Site, to: Site, context: string): Promise<void> {
  await run(to, 'samba-tool', [
    'drs',
    'replicate',
    dnsName(to),
    dnsName(from),
    context,
    '-U',
    adminLogin(to),
    `--configfile=${smbConf(to.dir)}`,
  ]);
}
