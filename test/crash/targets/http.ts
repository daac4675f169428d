// An API described in the estate file: one whose passwords are set, and one that makes keys.
import { keys as keysBlock, passwords as passwordsBlock } from '../../../src/connectors/http/contract.ts';
import { http } from '../../../src/connectors/http/http.ts';
import { adminToken, simulate } from '../../../src/connectors/http/simulator.ts';
import { io, names } from '../io.ts';
import type { CrashTarget } from '../target.ts';

/** An account that locks at three wrong logins has room for one doubt; a worker that dies twice brings two. */
const threshold = 9;

async function startBlock(block: (url: string) => object, accounts: number, minted = false): Promise<CrashTarget> {
  const target = await simulate('good', Object.fromEntries(names(accounts).map((name) => [name, `0ld-Secret-of-${name}`])), threshold);
  const own = { host: '127.0.0.1', port: Number(new URL(target.url).port) };
  const user = (id: string) => {
    const found = target.users.find((each) => String(each.id) === id);
    if (found === undefined) throw new Error(`no user ${id}`);
    return found;
  };
  return {
    accounts: target.users.map(({ id, mail, password, keys }) => ({
      ref: { id: String(id), name: mail },
      old: minted ? (keys[0]?.value ?? '') : password,
    })),
    open: (reach, at = own) =>
      http.open(http.config.parse(block(target.url.replace(`:${own.port}`, `:${at.port}`))), io(reach, adminToken)),
    accepts: ({ ref }, text) => (minted ? user(ref.id).keys.some(({ value }) => value === text) : user(ref.id).password === text),
    behind: own,
    stop: () => target.stop(),
  };
}

export const passwords = (accounts: number): Promise<CrashTarget> =>
  startBlock((url) => {
    const block = passwordsBlock(url);
    return { ...block, lockout: { ...block.lockout, threshold } };
  }, accounts);
/** Nobody counts wrong keys. */
export const keys = (accounts: number): Promise<CrashTarget> =>
  startBlock((url) => ({ ...keysBlock(url), lockout: { threshold: 0, resetsOnSuccess: true } }), accounts, true);
