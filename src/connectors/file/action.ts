// Reads how a consumer is reloaded or checked: exec:command args, http:METHOD URL, signal:NAME:pidfile.
import { done, type Outcome, refused } from '../../kit/kit.ts';

export const signals = ['HUP', 'USR1', 'USR2', 'TERM', 'WINCH'] as const;
export type SignalName = (typeof signals)[number];

export type Action =
  | { readonly kind: 'exec'; readonly argv: readonly [string, ...string[]] }
  | { readonly kind: 'http'; readonly method: string; readonly url: URL }
  | { readonly kind: 'signal'; readonly signal: SignalName; readonly pidFile: string };

const syntax = 'write exec:command args, http:METHOD URL or signal:HUP:/path/of/pidfile';

export function parseAction(text: string): Outcome<Action> {
  const colon = text.indexOf(':');
  const rest = text.slice(colon + 1).trim();
  switch (text.slice(0, Math.max(0, colon))) {
    case 'exec':
      return exec(rest);
    case 'http':
      return http(rest);
    case 'signal':
      return signal(rest);
    default:
      return refused('unsupported', `"${text}" is no action; ${syntax}`);
  }
}

/** Split at blanks, with "…", '…' and \ as in a shell, and nothing else of a shell: no variables, globs, pipes. */
function exec(text: string): Outcome<Action> {
  const argv: string[] = [];
  let word: string | undefined;
  for (const [piece] of text.matchAll(/"(?:[^"\\]|\\.)*"|'[^']*'|\\.|\s+|[^\s"'\\]+|["'\\]/gs)) {
    if (/^\s/.test(piece)) {
      if (word !== undefined) argv.push(word);
      word = undefined;
    } else if (piece.length === 1 && /["'\\]/.test(piece)) {
      return refused('unsupported', `exec: has an open ${piece === '\\' ? 'escape' : 'quote'}; ${syntax}`);
    } else {
      word = (word ?? '') + unquoted(piece);
    }
  }
  if (word !== undefined) argv.push(word);
  const [command, ...args] = argv;
  if (command === undefined || command === '') return refused('unsupported', `exec: names no command; ${syntax}`);
  return done({ kind: 'exec', argv: [command, ...args] });
}

function unquoted(piece: string): string {
  if (piece.startsWith("'")) return piece.slice(1, -1);
  if (piece.startsWith('"')) return piece.slice(1, -1).replace(/\\(["\\])/g, '$1');
  return piece.startsWith('\\') ? piece.slice(1) : piece;
}

function http(text: string): Outcome<Action> {
  const [method, address, more] = text.split(/\s+/);
  if (method === undefined || !/^[A-Z]{3,7}$/.test(method) || address === undefined || more !== undefined)
    return refused('unsupported', `http: wants a method and an address; ${syntax}`);
  if (!URL.canParse(address)) return refused('unsupported', `http: the address is not a URL; ${syntax}`);
  const url = new URL(address);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    return refused('unsupported', 'http: only http and https addresses are called');
  if (url.username !== '' || url.password !== '')
    return refused('unsupported', 'http: an address must not hold credentials: it is shown in plans and logs');
  return done({ kind: 'http', method, url });
}

function signal(text: string): Outcome<Action> {
  const colon = text.indexOf(':');
  const name = signals.find((known) => known === text.slice(0, Math.max(0, colon)).replace(/^SIG/, ''));
  const pidFile = text.slice(colon + 1);
  if (name === undefined || pidFile === '')
    return refused('unsupported', `signal: wants one of ${signals.join(', ')} and a pid file; ${syntax}`);
  return done({ kind: 'signal', signal: name, pidFile });
}
