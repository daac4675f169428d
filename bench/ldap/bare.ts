// The yardstick of the LDAP bench: ldapts alone doing the same reset and the same four binds per account, with nothing sealed, stored or logged.
import { randomBytes } from 'node:crypto';
import { BerWriter, Client, InvalidCredentialsError } from 'ldapts';

export type BareRun = {
  readonly url: string;
  readonly bindDn: string;
  readonly bindPassword: string;
  /** Each account is reset once; the list is shared out over the concurrencies tried. */
  readonly accounts: readonly { readonly dn: string; readonly old: string }[];
  /** What to try; the best of several short samples reads too well, so a figure comes from one level, chosen on other accounts before. */
  readonly levels: readonly number[];
  /** PEM of the CA, for ldaps. */
  readonly ca?: string;
  /** Other servers on which the same four binds are made. */
  readonly replicas?: readonly string[];
};
export type BareResult = {
  readonly perSecond: number;
  readonly concurrency: number;
  readonly tried: readonly { readonly concurrency: number; readonly perSecond: number }[];
};

const modifyPassword = '1.3.6.1.4.1.4203.1.11.1';
/** One admin connection with pipelining is as good as eight: the server has a single writer. Four leave room for its threads. */
const adminConnections = 4;

/** The best accounts per second over the concurrencies tried. Throws when any bind gives the wrong answer: a fast wrong yardstick is none. */
export async function bareClient(run: BareRun): Promise<BareResult> {
  const tried: { concurrency: number; perSecond: number }[] = [];
  for (const [n, concurrency] of run.levels.entries()) {
    const share = run.accounts.filter((_, index) => index % run.levels.length === n);
    tried.push({ concurrency, perSecond: await atConcurrency(run, share, concurrency) });
  }
  const best = tried.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
  return { ...best, tried };
}

async function atConcurrency(run: BareRun, accounts: BareRun['accounts'], concurrency: number): Promise<number> {
  const client = (url: string) =>
    new Client({ url, timeout: 30_000, connectTimeout: 10_000, ...(run.ca === undefined ? {} : { tlsOptions: { ca: run.ca } }) });
  const admins = Array.from({ length: Math.min(adminConnections, concurrency) }, () => client(run.url));
  await Promise.all(admins.map((admin) => admin.bind(run.bindDn, run.bindPassword)));
  const urls = [run.url, ...(run.replicas ?? [])];
  const lanes = Array.from({ length: concurrency }, () => urls.map(client));
  const queue = accounts[Symbol.iterator]();
  const started = performance.now();
  await Promise.all(
    lanes.map(async (binders, lane) => {
      for (const { dn, old } of queue) {
        const fresh = `${randomBytes(18).toString('base64url')}-aA1`;
        const nonsense = `${randomBytes(18).toString('base64url')}-aA1`;
        await (admins[lane % admins.length] as Client).exop(modifyPassword, resetValue(dn, fresh));
        for (const binder of binders) {
          await answers(binder, dn, fresh, true);
          await answers(binder, dn, nonsense, false);
          await answers(binder, dn, old, false);
          await answers(binder, dn, fresh, true);
        }
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all([...admins, ...lanes.flat()].map((each) => each.unbind()));
  return accounts.length / seconds;
}

function resetValue(dn: string, password: string): Buffer {
  const writer = new BerWriter();
  writer.startSequence();
  writer.writeString(dn, 0x80);
  writer.writeString(password, 0x82);
  writer.endSequence();
  return writer.buffer;
}

async function answers(client: Client, dn: string, password: string, expected: boolean): Promise<void> {
  let accepted = true;
  try {
    await client.bind(dn, password);
  } catch (error) {
    if (!(error instanceof InvalidCredentialsError)) throw error;
    accepted = false;
  }
  if (accepted !== expected) throw new Error(`${dn}: expected a bind to be ${expected ? 'accepted' : 'rejected'}`);
}
