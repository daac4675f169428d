// Where sshd looks for an account's keys, what is there, and one change to it: atomic for each file, by the account itself where the file is its own.
import { type AccountRef, done, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import type { PasswdLine } from '../../protocols/ssh/accounts.ts';
import { exitOf, firstLine, type Host, ran } from '../../protocols/ssh/host.ts';
import { type Line, parseLines } from './authorized-keys.ts';
import type { Config } from './config.ts';

/** `digest` is of the bytes that were read; `absent` when there is no file. */
export type KeyFile = { readonly path: string; readonly digest: string; readonly changedAt?: Date; readonly lines: readonly Line[] };
/** `told` is false when sshd -T did not answer: then the estate file's own list was taken. `shared`: files that open every account. */
export type KeyPlaces = {
  readonly told: boolean;
  readonly shared: readonly string[];
  readonly files: readonly KeyFile[];
  readonly command?: string;
  readonly cas?: string;
};

export const shell = ['/bin/sh', '-s'] as const;
const absent = 'absent';

/** Both steps for a whole page of accounts: one shell each. */
export async function readPlaces(host: Host, settings: Config, accounts: readonly PasswdLine[]): Promise<Outcome<readonly KeyPlaces[]>> {
  const config = settings.sshdConfig === undefined ? '' : `-f ${quote(settings.sshdConfig)} `;
  const ask = accounts.map(
    ({ name }, n) => `echo "== ${n}"; sshd -T ${config}-C user=${quote(name)},host=localhost,addr=127.0.0.1 2>/dev/null`,
  );
  const told = exitOf(await host.ask({ argv: shell, as: 'root', input: `cd /\n${ask.join('\n')}\nexit 0\n` }));
  if (!ran(told)) return told;
  const answers = new Map(
    told.out
      .split(/^== /m)
      .slice(1)
      .map((part) => [Number.parseInt(part, 10), part] as const),
  );
  const places = accounts.map((account, n) => placesOf(answers.get(n) ?? '', account, settings.files));
  const wanted = [...new Set(places.flatMap(({ paths }) => paths))];
  const read = await readFiles(host, wanted);
  if (read.kind !== 'done') return read;
  return done(places.map(({ paths, ...place }) => ({ ...place, files: paths.flatMap((path) => read.value.get(path) ?? []) })));
}

type Places = Omit<KeyPlaces, 'files'> & { readonly paths: readonly string[] };

export function placesOf(answer: string, account: PasswdLine, fallback: readonly string[]): Places {
  const setting = (key: string): string | undefined => {
    const value = new RegExp(`^${key} (.+)$`, 'm').exec(answer)?.[1]?.trim();
    return value === 'none' ? undefined : value;
  };
  const told = /^authorizedkeysfile /m.test(answer);
  const names = told ? (setting('authorizedkeysfile')?.split(/\s+/) ?? []) : fallback;
  const [command, cas] = [setting('authorizedkeyscommand'), setting('trustedusercakeys')];
  return {
    told,
    shared: names.filter((name) => name.startsWith('/') && !/%[huU]/.test(name)),
    paths: names.map((name) => expand(name, account)),
    ...(command === undefined ? {} : { command }),
    ...(cas === undefined ? {} : { cas }),
  };
}

function expand(name: string, { home, name: user, uid }: PasswdLine): string {
  const values: { readonly [token: string]: string } = { '%': '%', h: home, u: user, U: String(uid) };
  const path = name.replace(/%([%huU])/g, (_, token: string) => values[token] ?? '');
  return path.startsWith('/') ? path : `${home.replace(/\/$/, '')}/${path}`;
}

async function readFiles(host: Host, paths: readonly string[]): Promise<Outcome<ReadonlyMap<string, KeyFile>>> {
  // Only regular files: a pipe that somebody put there would never end.
  const script = paths.map(
    (path, n) =>
      `f=${quote(path)}; if [ -f "$f" ]; then echo "${n} $(sha256sum <"$f" | cut -c1-64) $(stat -Lc %Y "$f") $(base64 <"$f" | tr -d '\\n')"; else echo "${n} ${absent}"; fi`,
  );
  const exit = exitOf(await host.ask({ argv: shell, as: 'root', input: `cd /\n${script.join('\n')}\n` }));
  if (!ran(exit)) return exit;
  const found = new Map<string, KeyFile>();
  for (const row of exit.out.trim().split('\n')) {
    const [n = '', digest = '', seconds, base64 = ''] = row.split(' ');
    const path = paths[Number(n)];
    if (path === undefined || digest === '') continue;
    const lines = parseLines(Buffer.from(base64, 'base64').toString('utf8'));
    found.set(path, { path, digest, lines, ...(seconds === undefined ? {} : { changedAt: new Date(Number(seconds) * 1000) }) });
  }
  const unread = paths.find((path) => !found.has(path));
  return unread === undefined ? done(found) : refused('permission', `${unread} cannot be read: ${firstLine(exit.err)}`);
}

export type Edit = { readonly file: KeyFile; readonly text: string };

/** Somebody else wrote the file since it was read: nothing was changed, read again. */
export const changedMeanwhile = 75;
const failedBefore = 74;

export async function writeFiles(host: Host, account: AccountRef, home: string, edits: readonly Edit[]): Promise<Outcome<void>> {
  let moved = false;
  for (const edit of edits) {
    // As the account itself: a link that it put there leads no further than it may go by itself.
    const as = edit.file.path.startsWith(`${home.replace(/\/$/, '')}/`) && home !== '/' ? account.name : 'root';
    const exit = exitOf(await host.once({ argv: shell, as, input: putScript(edit) }));
    const outcome = ran(exit) ? written(exit.code, exit.out, exit.err, edit.file.path) : exit;
    if (outcome.kind === 'refused' && moved)
      return indeterminate(outcome.fault.code, `one file of several is changed: ${outcome.fault.message}`);
    if (outcome.kind !== 'done') return outcome;
    moved = true;
  }
  return done(undefined);
}

function written(code: number, out: string, err: string, path: string): Outcome<void> {
  if (code === 0 && out.includes('moved')) return done(undefined);
  if (out.includes('moved')) return indeterminate('protocol', `${path}: ${firstLine(err)}`, { target: String(code) });
  return code === changedMeanwhile
    ? refused('conflict', `${path} is being changed by somebody else`, { target: String(code) })
    : refused('permission', `${path} cannot be written: ${firstLine(err)}`, { target: String(code) });
}

/**
 * The copy has the mode and owner of the file it replaces, and is on disk before it takes its place. The lock keeps several of Rekey's own changes
 * apart; what others write is noticed up to the moment of the exchange.
 */
function putScript({ file, text }: Edit): string {
  const giveUp = `{ rm -f "$t"; exit ${failedBefore}; }`;
  return `cd /
umask 077
f=${quote(file.path)}
d=$(dirname "$f")
[ -d "$d" ] || mkdir -p "$d" || exit ${failedBefore}
if [ -e "$f" ]; then f=$(readlink -f "$f") || exit ${failedBefore}; fi
if command -v flock >/dev/null 2>&1; then exec 9<"$d" && flock -w 5 9 || exit ${changedMeanwhile}; fi
t=$(mktemp "$f.XXXXXXXX") || exit ${failedBefore}
if [ -f "$f" ]; then cp -p "$f" "$t" || ${giveUp}; fi
base64 -d >"$t" <<'REKEY' || ${giveUp}
${(
  Buffer.from(text)
    .toString('base64')
    .match(/.{1,76}/g) ?? []
).join('\n')}
REKEY
sync "$t" 2>/dev/null
now=${absent}
if [ -f "$f" ]; then now=$(sha256sum <"$f" | cut -c1-64); fi
[ "$now" = ${file.digest} ] || { rm -f "$t"; exit ${changedMeanwhile}; }
mv -f "$t" "$f" || ${giveUp}
echo moved
if command -v restorecon >/dev/null 2>&1; then restorecon "$f" 2>/dev/null; fi
exit 0
`;
}

function quote(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}
