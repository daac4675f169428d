// One key for an account: beside the others while an overlap is open, alone after it. The options that held the old key down hold the new one too.
import { type AccountRef, type Capabilities, done, type Outcome, refused, type Secret } from '../../kit/kit.ts';
import { readRecord } from '../../protocols/ssh/accounts.ts';
import { type Host, unsentAfter } from '../../protocols/ssh/host.ts';
import { type PublicKey, parsePrivateKey } from '../../protocols/ssh/key.ts';
import { isCa, isIdle, type Line, newLine } from './authorized-keys.ts';
import type { Config } from './config.ts';
import { changedMeanwhile, type Edit, type KeyFile, type KeyPlaces, readPlaces, writeFiles } from './files.ts';

/** Others edit these files too (configuration management): a change in between is seen, and everything is read again. */
const tries = 3;

type Change = (places: KeyPlaces, key: PublicKey) => Outcome<readonly Edit[]>;

export function keyWrites(host: Host, settings: Config, keepOwn: (secret: Secret) => void): Pick<Capabilities, 'setSecret' | 'overlap'> {
  const apply = async (account: AccountRef, secret: Secret, change: Change): Promise<Outcome<void>> => {
    const parsed = await secret.text(parsePrivateKey);
    if ('bad' in parsed) return refused('policy', `the secret is ${parsed.bad}`);
    for (let turn = 1; ; turn++) {
      const record = unsentAfter(await readRecord(host, account));
      if (record.kind !== 'done') return record;
      const { passwd } = record.value;
      const read = unsentAfter(await readPlaces(host, settings, [passwd]));
      if (read.kind !== 'done') return read;
      const [places] = read.value;
      if (places === undefined || places.files.length === 0)
        return refused('unsupported', 'sshd reads no authorized_keys file for this account');
      const everyones = places.files.find(({ path, lines }) => places.shared.includes(path) && lines.some((line) => !isIdle(line)));
      if (everyones !== undefined)
        return refused('unsupported', `${everyones.path} opens every account: move its keys to files of their own first`);
      const edits = change(places, parsed.public);
      if (edits.kind !== 'done') return edits;
      const outcome = await writeFiles(host, account, passwd.home, edits.value);
      if (outcome.kind === 'refused' && outcome.fault.target === String(changedMeanwhile) && turn < tries) continue;
      if (outcome.kind === 'done' && account.name === host.user) keepOwn(secret);
      return outcome;
    }
  };
  const only = (account: AccountRef, secret: Secret): Promise<Outcome<void>> =>
    apply(account, secret, (places, key) => onlyThis(places.files, key, commentOf(secret), settings.options));
  return {
    setSecret: { set: only },
    overlap: {
      open: (account, secret) => apply(account, secret, (places, key) => besides(places.files, key, commentOf(secret), settings.options)),
      close: only,
    },
  };
}

/** The version, so that people who look into the file know whose line it is. */
const commentOf = (secret: Secret): string => `rekey-${secret.label.replace(/[^\w.-]/g, '-')}`;

/** The key beside all others. */
export function besides(files: readonly KeyFile[], key: PublicKey, comment: string, fixed?: string): Outcome<readonly Edit[]> {
  if (files.some(({ lines }) => lines.some((line) => isThe(line, key)))) return done([]);
  const options = optionsFor(files, fixed);
  if (options.kind !== 'done') return options;
  const file = homeOf(files);
  return done([{ file, text: textOf([...file.lines.map(({ text }) => text), newLine(key, options.value, comment)]) }]);
}

/** The key alone: every other line that may let somebody in goes, in every file, a CA's line and what we cannot read included. */
export function onlyThis(files: readonly KeyFile[], key: PublicKey, comment: string, fixed?: string): Outcome<readonly Edit[]> {
  const present = files.find(({ lines }) => lines.some((line) => isThe(line, key)));
  const options = present === undefined ? optionsFor(files, fixed) : done('');
  if (options.kind !== 'done') return options;
  const holder = present ?? homeOf(files);
  const edits = files.flatMap((file): Edit[] => {
    let held = false;
    const kept = file.lines.filter((line) => {
      if (isIdle(line)) return true;
      if (file !== present || held || !isThe(line, key)) return false;
      held = true;
      return true;
    });
    const lines = kept.map(({ text }) => text);
    if (file === holder && present === undefined) lines.push(newLine(key, options.value, comment));
    return lines.length === file.lines.length && kept.length === lines.length ? [] : [{ file, text: textOf(lines) }];
  });
  // The new key is in place before others go: a failure in between shuts nobody out.
  return done([...edits].sort((a, b) => Number(b.file === holder) - Number(a.file === holder)));
}

const isThe = (line: Line, key: PublicKey): boolean => line.key !== undefined && !isCa(line) && line.key.blob.equals(key.blob);
const textOf = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');

/** The first file that holds a key, else the first sshd looks into. */
function homeOf(files: readonly KeyFile[]): KeyFile {
  return files.find(({ lines }) => lines.some(({ key }) => key !== undefined)) ?? (files[0] as KeyFile); // the caller has at least one
}

function optionsFor(files: readonly KeyFile[], fixed: string | undefined): Outcome<string> {
  if (fixed !== undefined) return done(fixed);
  const lines = files.flatMap((file) => file.lines).filter((line) => line.key !== undefined && !isCa(line));
  const found = [...new Set(lines.map(({ options }) => options))];
  if (found.length <= 1) return done(found[0] ?? '');
  return refused('conflict', "the account's keys have different options: say in config.options which a new key gets, or make them agree", {
    target: `${found.length} kinds of options`,
  });
}
