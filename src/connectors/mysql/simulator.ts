// A MySQL server in miniature, after the manual: accounts with a primary and a secondary password, ALTER USER, sessions and KILL. No line of it is our client's.
import { createServer, type Server, type Socket } from 'node:net';
import { shaCrypt } from '../../protocols/mysql/sha-crypt.ts';
import { type Shown, Wire } from './simulator-wire.ts';

export type SimAccount = {
  readonly user: string;
  readonly host: string;
  plugin: string;
  stored: string;
  second?: string | undefined;
  locked?: boolean;
  changed?: number;
  /** A login plugin that asks for nothing. */
  open?: boolean;
};
/** What happens to the next changes: `lose` before they are made, `swallow` and `hang` after, a number is the error the server answers. */
export type SimFault = 'lose' | 'swallow' | 'hang' | { readonly errno: number; readonly text: string };

export class MysqlSimulator {
  readonly accounts: SimAccount[];
  readonly statements: string[] = [];
  readonly sessions = new Map<number, { user: string; host: string; socket?: Socket }>();
  readonly variables = new Map<string, string>();
  fault: SimFault | undefined;
  version = '8.0.36';
  #next = 10;
  #server: Server | undefined;

  constructor(accounts: readonly SimAccount[]) {
    this.accounts = accounts.map((each) => ({ changed: 1_700_000_000, ...each }));
  }

  async listen(): Promise<number> {
    const server = createServer((socket) => void this.#serve(socket));
    this.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return (server.address() as { port: number }).port;
  }
  close(): void {
    for (const { socket } of this.sessions.values()) socket?.destroy();
    this.#server?.close();
  }
  account(user: string): SimAccount {
    const found = this.accounts.find((each) => each.user === user);
    if (found === undefined) throw new Error(`no account ${user}`);
    return found;
  }
  /** An application's session. */
  session(user: string): number {
    const id = this.#next++;
    this.sessions.set(id, { user, host: '127.0.0.1:4000' });
    return id;
  }
  /** Would this password open the account, by its primary or its secondary? */
  opens(user: string, password: string): boolean {
    const { open, stored, second } = this.account(user);
    return open === true || [stored, second].some((each) => each !== undefined && matches(each, { password: Buffer.from(password) }));
  }

  async #serve(socket: Socket): Promise<void> {
    const wire = new Wire(socket);
    const id = this.#next++;
    const came = await wire.login(
      id,
      this.version,
      (user) => this.accounts.find((each) => each.user === user)?.plugin ?? 'caching_sha2_password',
    );
    if (came === undefined) return wire.end();
    const account = this.accounts.find((each) => each.user === came.user);
    const right =
      account?.open === true || [account?.stored, account?.second].some((each) => each !== undefined && matches(each, came.shown));
    if (account === undefined || !right) return refuse(wire, 1045, 'Access denied');
    // "If both the account is locked and the password is wrong, the error is that of the password."
    if (account.locked === true) return refuse(wire, 3118, 'Account is locked');
    this.sessions.set(id, { user: came.user, host: `127.0.0.1:${socket.remotePort ?? 0}`, socket });
    socket.on('close', () => this.sessions.delete(id));
    wire.ok();
    for (let packet = await wire.next(); packet !== undefined && packet[0] === 3; packet = await wire.next()) {
      const text = packet.subarray(1).toString('utf8');
      this.statements.push(text);
      if (!this.#answer(wire, text, `${account.user}@${account.host}`)) return;
    }
    wire.end();
  }

  /** False: nothing more is said on this connection. */
  #answer(wire: Wire, text: string, who: string): boolean {
    if (/^ALTER USER/.test(text)) return this.#alter(wire, text);
    const kill = text.match(/^KILL CONNECTION (\d+)$/);
    if (/^SET /.test(text)) wire.ok();
    else if (kill !== null) this.#kill(wire, Number(kill[1]));
    else if (/^SHOW GLOBAL VARIABLES/.test(text))
      wire.rows(
        [...this.variables].map(([Variable_name, Value]) => ({ Variable_name, Value })),
        ['Variable_name', 'Value'],
      );
    else if (/^SHOW GRANTS/.test(text))
      wire.rows([
        { Grants: 'GRANT PROCESS, CREATE USER ON *.* TO `rekey`@`%`' },
        { Grants: 'GRANT CONNECTION_ADMIN,SYSTEM_USER ON *.* TO `rekey`@`%`' },
      ]);
    else if (/^SHOW SESSION STATUS/.test(text)) wire.rows([{ Variable_name: 'Ssl_version', Value: '' }]);
    else if (/LIMIT 0$/.test(text)) wire.rows([], ['1']);
    else if (/^SELECT VERSION\(\)/.test(text)) wire.rows([{ version: this.version, account: who, from: '127.0.0.1' }]);
    else if (/@@proxy_user/.test(text)) wire.rows([{ taken: who }]);
    else if (/processlist WHERE USER = /.test(text)) this.#processes(wire, strings(text)[0] ?? '');
    else if (/MAX\(ID\)/.test(text)) wire.rows([{ now: now(), top: String(Math.max(0, ...this.sessions.keys())), up: '86400' }]);
    else if (/FROM mysql\.user/.test(text)) this.#users(wire, text);
    else if (/^SELECT UNIX_TIMESTAMP/.test(text)) wire.rows([{ now: now() }]);
    else wire.error(1064, `You have an error in your SQL syntax near '${text.slice(0, 40)}'`);
    return true;
  }

  #alter(wire: Wire, text: string): boolean {
    const { fault } = this;
    if (fault === 'lose') return this.#drop(wire);
    if (typeof fault === 'object') {
      wire.error(fault.errno, fault.text);
      return true;
    }
    const [user = '', host = '', plugin = '', hash = ''] = strings(text);
    const account = this.accounts.find((each) => each.user === user && each.host === host);
    if (account === undefined) {
      wire.error(1396, 'Operation ALTER USER failed');
      return true;
    }
    if (/ IDENTIFIED WITH /.test(text)) {
      // Without RETAIN a secondary password stays as it is; another plugin drops it.
      if (text.endsWith('RETAIN CURRENT PASSWORD')) account.second = account.stored;
      else if (plugin !== account.plugin) account.second = undefined;
      Object.assign(account, { plugin, stored: hash, changed: Math.floor(Date.now() / 1000) });
    } else if (text.endsWith('DISCARD OLD PASSWORD')) account.second = undefined;
    else account.locked = text.endsWith('ACCOUNT LOCK');
    if (fault === 'swallow') return this.#drop(wire);
    if (fault === 'hang') return false;
    wire.ok();
    return true;
  }
  #drop(wire: Wire): false {
    wire.end();
    return false;
  }
  #kill(wire: Wire, id: number): void {
    const session = this.sessions.get(id);
    if (session === undefined) wire.error(1094, 'Unknown thread id');
    else {
      this.sessions.delete(id);
      session.socket?.destroy();
      wire.ok();
    }
  }
  #processes(wire: Wire, user: string): void {
    const rows = [...this.sessions].filter(([, each]) => each.user === user).map(([id, each]) => ({ id: String(id), client: each.host }));
    wire.rows(rows, ['id', 'client']);
  }
  #users(wire: Wire, text: string): void {
    const named = text.match(/WHERE User (=|IN)/)?.[1];
    const given = strings(text.slice(text.indexOf('WHERE')));
    if (named === 'IN') {
      const rows = this.accounts.filter(({ user }) => user === given[1]).map(({ user, host }) => ({ user, host }));
      wire.rows(rows, ['user', 'host']);
      return;
    }
    const sorted = [...this.accounts].sort((a, b) => (`${a.user}\0${a.host}` < `${b.user}\0${b.host}` ? -1 : 1));
    const after = text.match(/User > '([^']*)' OR \(User = '[^']*' AND Host > '([^']*)'\)/);
    const page = after === null ? sorted : sorted.filter((a) => `${a.user}\0${a.host}` > `${after[1]}\0${after[2]}`);
    const rows = named === '=' ? this.accounts.filter(({ user, host }) => user === given[0] && host === given[1]) : page;
    wire.rows(
      rows.slice(0, Number(text.match(/LIMIT (\d+)$/)?.[1] ?? rows.length)).map(recordRow),
      Object.keys(recordRow(sorted[0] as SimAccount)),
    );
  }
}

const recordRow = (account: SimAccount): Record<string, string | null> => ({
  user: account.user,
  host: account.host,
  plugin: account.plugin,
  stored: account.stored,
  attributes: account.second === undefined ? null : JSON.stringify({ additional_password: account.second }),
  locked: account.locked === true ? 'Y' : 'N',
  expired: 'N',
  changed: String(account.changed),
  lifetime: null,
  standard: '0',
  now: now(),
  hosts: account.host,
  strong: '0',
});

const now = (): string => (Date.now() / 1000).toFixed(6);
const refuse = (wire: Wire, errno: number, text: string): void => {
  wire.error(errno, text);
  setTimeout(() => wire.end(), 20).unref();
};

/** The string literals of a statement, read as the manual says: '' and backslashes inside. */
function strings(text: string): string[] {
  return [...text.matchAll(/'((?:[^'\\]|''|\\[\s\S])*)'/g)].map((found) =>
    (found[1] ?? '').replace(/''|\\([\s\S])/g, (_, escaped?: string) => escaped ?? "'"),
  );
}

function matches(stored: string, shown: Shown): boolean {
  if ('native' in shown) return /^\*[0-9A-F]{40}$/.test(stored) && shown.native(Buffer.from(stored.slice(1), 'hex'));
  const found = stored.match(/^\$A\$005\$([\s\S]{20})(.{43})$/);
  return found !== null && shaCrypt(shown.password, Buffer.from(found[1] ?? '', 'latin1'), 5000) === found[2];
}
