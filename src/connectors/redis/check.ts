// What doctor shows of one Redis: for every server reach, TLS, login, rights, where users are kept, and what stands beside it unlisted.

import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { scopeOf } from '../../kit/scope.ts';
import type { Answer } from '../../protocols/redis/link.ts';
import { isTlsCode } from '../../protocols/tcp/dial.ts';
import type { Config } from './config.ts';
import { noSecret } from './fault.ts';
import type { Node } from './node.ts';
import { aclFileQuestion, infoOf, persistBy } from './persist.ts';
import { lackingRights } from './rights.ts';
import { timeOf } from './state.ts';
import { getUser, texts, userOf } from './user.ts';

export function check(settings: Config, nodes: readonly Node[], io: Io): Capabilities['check'] {
  return {
    async *run() {
      for (const node of nodes) yield* nodeChecks(settings, node, nodes, io);
    },
  };
}

async function* nodeChecks(settings: Config, node: Node, nodes: readonly Node[], io: Io): AsyncGenerator<Check> {
  const where = node.endpoint.replica;
  const began = io.now();
  const [info, time, names] = await node.read([['INFO'], ['TIME'], ['ACL', 'USERS']]);
  const ended = io.now();
  if (info === undefined || (info.kind !== 'reply' && info.code !== 'NOPERM')) {
    yield* unreached(settings, where, info);
    return;
  }
  const facts = infoOf(info.kind === 'reply' ? String(info.value) : '');
  yield { id: 'reach', verdict: 'ok', message: `${where} answers: Redis ${facts.get('redis_version') ?? '(version not shown)'}` };
  const { tls } = node.endpoint;
  yield {
    id: 'tls',
    verdict: 'ok',
    message: tls === undefined ? `${where}: no TLS: this machine only, or allowed by the estate file` : `${where}: certificate verified`,
  };
  yield { id: 'auth', verdict: 'ok', message: `${where}: logged in as ${settings.user}` };
  const lacking = await lackingOf(node, settings.user);
  yield lacking.length === 0
    ? { id: 'rights', verdict: 'ok', message: `${where}: the Rekey user may do all it needs` }
    : {
        id: 'rights',
        verdict: 'fail',
        message: `${where}: the Rekey user may not run ${lacking.join(', ')}`,
        next: `ACL SETUSER ${settings.user} ${lacking.map((command) => `+${command}`).join(' ')} on that server, and store it.`,
      };
  if (lacking.length > 0) return;
  yield* keptChecks(settings, node);
  yield* openUsers(settings, node, texts(names?.kind === 'reply' ? names.value : undefined) ?? []);
  yield* clockCheck(where, timeOf(time, where), began, ended);
  yield* neighbours(facts, where, nodes);
}

function* unreached(settings: Config, where: string, answer: Answer | undefined): Generator<Check> {
  const code = answer === undefined || answer.kind === 'reply' ? 'EPROTO' : answer.code;
  if (code === noSecret) {
    yield {
      id: 'auth',
      verdict: 'fail',
      message: 'the password of the Rekey user cannot be read',
      next: 'Put it where config.password points.',
    };
  } else if (answer?.kind === 'failed') {
    yield {
      id: 'reach',
      verdict: code === 'DENIED' ? 'fail' : 'ok',
      message: `${where} answers (${code})`,
      ...(code === 'DENIED' ? { next: 'Bind the server to an address and give `default` a password: it is in protected mode.' } : {}),
    };
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${where} refused the login of ${settings.user} (${code})`,
      next:
        code === 'WRONGPASS'
          ? 'Put the right password where config.password points, or turn the user on.'
          : 'Read the server log for the reason.',
    };
  } else if (isTlsCode(code)) {
    yield { id: 'reach', verdict: 'ok', message: `${where} answers` };
    yield {
      id: 'tls',
      verdict: 'fail',
      message: `no verified TLS connection to ${where} (${code})`,
      next:
        code === 'ERR_TLS_CERT_ALTNAME_INVALID'
          ? 'Use the name in the certificate as host, or set tls.servername to it.'
          : "Give the server's CA as tls.ca, and its TLS port.",
    };
  } else {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: `${where} does not answer (${code})`,
      next: 'Check host, port, firewall, and `bind` of the server; take a server that is gone out of config.nodes.',
    };
  }
}

async function lackingOf(node: Node, user: string): Promise<string[]> {
  const [found] = await node.read([getUser({ id: user })]);
  const own = userOf(found, node.endpoint.replica);
  // Not even its own rules may be read: nothing of the others is known.
  return own.kind === 'done' && own.value !== undefined ? lackingRights(own.value.commands) : ['acl|getuser'];
}

async function* keptChecks(settings: Config, node: Node): AsyncGenerator<Check> {
  const where = node.endpoint.replica;
  const by = persistBy(await node.read(aclFileQuestion), where);
  if (by.kind !== 'done')
    yield { id: 'policy', verdict: 'fail', message: `where ${where} keeps its users cannot be read`, next: 'Grant +config|get and +info.' };
  else if (by.value !== undefined) yield { id: 'policy', verdict: 'ok', message: `${where} keeps its users by ${by.value.join(' ')}` };
  else
    yield {
      id: 'policy',
      verdict: settings.persist === 'always' ? 'fail' : 'warn',
      message: `${where} keeps its users in memory only: a restart brings old secrets back`,
      next: 'Start it with an aclfile or a config file; persist: where-possible accepts the risk.',
    };
}

async function* openUsers(settings: Config, node: Node, names: readonly string[]): AsyncGenerator<Check> {
  const where = node.endpoint.replica;
  const scope = names.filter(scopeOf(settings));
  const answers = await node.read(scope.map((id) => getUser({ id })));
  const users = scope.map((name, n) => ({ name, user: userOf(answers[n], where) }));
  const open = users.filter(({ user }) => user.kind === 'done' && user.value?.on === true && user.value.nopass).map(({ name }) => name);
  if (open.length > 0)
    yield {
      id: 'policy',
      verdict: 'warn',
      message: `${where}: any password opens ${open.slice(0, 5).join(', ')} (nopass)`,
      next: 'A reset closes it, and cuts off whatever connects without the new password: find those programs first.',
    };
  const several = users.filter(({ user }) => user.kind === 'done' && (user.value?.hashes.length ?? 0) > 1).map(({ name }) => name);
  if (several.length > 0)
    yield { id: 'policy', verdict: 'ok', message: `${where}: several passwords are accepted now for ${several.slice(0, 5).join(', ')}` };
}

function* clockCheck(where: string, time: ReturnType<typeof timeOf>, began: Date, ended: Date): Generator<Check> {
  if (time.kind !== 'done') return;
  const skew = Math.max(began.getTime() - time.value.getTime(), time.value.getTime() - ended.getTime(), 0);
  yield skew <= 1_000
    ? { id: 'clock', verdict: 'ok', message: `${where}: the server's clock agrees with ours` }
    : {
        id: 'clock',
        verdict: 'warn',
        message: `${where}: the server's clock differs by ${Math.round(skew / 1000)} s`,
        next: 'Run a time service on both machines.',
      };
}

/** ACLs are not replicated: what stands beside these servers and is not listed is neither written nor proved. */
function* neighbours(facts: ReadonlyMap<string, string>, where: string, nodes: readonly Node[]): Generator<Check> {
  const followers = Number(facts.get('connected_slaves') ?? 0);
  if (facts.get('role') === 'master' && followers > nodes.length - 1)
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: `${followers} servers follow ${where}, ${nodes.length - 1} others are in the estate file`,
      next: 'List each under config.nodes: users are not replicated, the old password lives on there.',
    };
  else if (facts.get('role') !== undefined)
    yield { id: 'replicas', verdict: 'ok', message: `${where} is a ${facts.get('role') === 'master' ? 'primary' : 'replica'}` };
  if (facts.get('cluster_enabled') === '1' && nodes.length < 3)
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: `${where} belongs to a cluster`,
      next: 'List every shard and every replica under config.nodes.',
    };
}
