// The yardstick of the AD bench: ldapts alone doing the same double reset and the same four binds per account, with nothing sealed, stored or logged.
import { randomBytes } from 'node:crypto';
import { Attribute, Change, Client, InvalidCredentialsError } from 'ldapts';

export type BareRun = {
  readonly url: string;
  /** PEM of the CA. */
  readonly ca: Buffer;
  readonly user: string;
  readonly password: string;
  /** Each account is reset once; the list is shared out over the concurrencies tried. */
  readonly accounts: readonly { readonly dn: string; readonly old: string }[];
  /** The controller has one writer: more than a few at a time buys nothing but waiting. */
  readonly levels: readonly number[];
};
export type BareResult = { readonly perSecond: number; readonly concurrency: number };

/** The best accounts per second over the concurrencies tried. Throws when any bind gives the wrong answer: a fast wrong yardstick is none. */
export async function bareClient(run: BareRun): Promise<BareResult> {
  const tried: BareResult[] = [];
  for (const [n, concurrency] of run.levels.entries()) {
    const share = run.accounts.filter((_, index) => index % run.levels.length === n);
    tried.push({ concurrency, perSecond: await atConcurrency(run, share, concurrency) });
  }
  return tried.reduce((a, b) => (b.perSecond > a.perSecond ? b : a));
}

async function atConcurrency(run: BareRun, accounts: BareRun['accounts'], concurrency: number): Promise<number> {
  const client = () => new Client({ url: run.url, timeout: 30_000, connectTimeout: 10_000, tlsOptions: { ca: [run.ca] } });
  const lanes = Array.from({ length: concurrency }, () => ({ admin: client(), binder: client() }));
  await Promise.all(lanes.map(({ admin }) => admin.bind(run.user, run.password)));
  const queue = accounts[Symbol.iterator]();
  const started = performance.now();
  await Promise.all(
    lanes.map(async ({ admin, binder }) => {
      for (const { dn, old } of queue) {
        const [throwAway, fresh, nonsense] = [made(), made(), made()];
        await admin.modify(dn, reset(throwAway));
        await admin.modify(dn, reset(fresh));
        await answers(binder, dn, fresh, true);
        await answers(binder, dn, nonsense, false);
        await answers(binder, dn, old, false);
        await answers(binder, dn, fresh, true);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  await Promise.all(lanes.flatMap(({ admin, binder }) => [admin.unbind(), binder.unbind()]));
  return accounts.length / seconds;
}

const made = (): string => `${randomBytes(18).toString('base64url')}-aA1`;
const reset = (password: string): Change =>
  new Change({
    operation: 'replace',
    modification: new Attribute({ type: 'unicodePwd', values: [Buffer.from(`"${password}"`, 'utf16le')] }),
  });

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
