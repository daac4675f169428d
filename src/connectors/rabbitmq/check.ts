// What doctor shows of one RabbitMQ: reach, TLS, login and rights of the API, each AMQP listener, and nodes that are not listed.
import { z } from 'zod';
import type { Capabilities, Check, Io } from '../../kit/kit.ts';
import { dial, type Endpoint, isTlsCode, limitsOf } from '../../protocols/tcp/dial.ts';
import { type Answer, type Api, loginFailed, noSecret, pathOf } from './api.ts';
import type { Config } from './config.ts';
import { isSuccess } from './fault.ts';

const overview = z.looseObject({
  rabbitmq_version: z.string().default(''),
  listeners: z.array(z.looseObject({ node: z.string(), protocol: z.string() })).default([]),
});
const whoami = z.looseObject({ tags: z.union([z.array(z.string()), z.string()]) });

export function check(settings: Config, api: Api, listeners: readonly Endpoint[], io: Io): Capabilities['check'] {
  return {
    async *run() {
      const where = api.endpoint.replica;
      const began = io.now();
      const answer = await api.call('GET', pathOf('whoami'));
      const ended = io.now();
      if (!isSuccess(answer)) {
        yield* refusedLogin(answer, settings, where);
        return;
      }
      yield { id: 'reach', verdict: 'ok', message: `${where} answers` };
      yield {
        id: 'tls',
        verdict: 'ok',
        message: api.endpoint.tls === undefined ? 'no TLS: this machine only, or allowed by the estate file' : 'certificate verified',
      };
      yield { id: 'auth', verdict: 'ok', message: `logged in as ${settings.user}` };
      const me = whoami.safeParse(answer.json);
      const tags = me.success ? me.data.tags : [];
      if (!(Array.isArray(tags) ? tags : tags.split(',')).includes('administrator')) {
        yield {
          id: 'rights',
          verdict: 'fail',
          message: `${settings.user} is no administrator: it sees and changes no users`,
          next: `rabbitmqctl set_user_tags ${settings.user} administrator`,
        };
        return;
      }
      yield { id: 'rights', verdict: 'ok', message: 'administrator' };
      yield clockCheck(answer.date, began, ended);
      for (const listener of listeners) yield await listenerCheck(listener, io);
      yield* nodesCheck(await api.call('GET', pathOf('overview')), listeners);
    },
  };
}

function* refusedLogin(answer: Answer, settings: Config, where: string): Generator<Check> {
  if (answer.kind === 'answered') {
    yield { id: 'reach', verdict: 'ok', message: `${where} answers` };
    const wrong = answer.status === 401 && answer.reason === loginFailed;
    yield {
      id: 'auth',
      verdict: 'fail',
      message: `${where} refused the login of ${settings.user} (${answer.status})`,
      next: wrong
        ? 'Put the right password where config.password points.'
        : answer.status === 401
          ? `The password is right: rabbitmqctl set_user_tags ${settings.user} administrator`
          : 'Check that host and port are the management API of RabbitMQ.',
    };
  } else if (answer.code === noSecret) {
    yield {
      id: 'auth',
      verdict: 'fail',
      message: 'the password of the Rekey user cannot be read',
      next: 'Put it where config.password points.',
    };
  } else if (isTlsCode(answer.code)) {
    yield { id: 'reach', verdict: 'ok', message: `${where} answers` };
    yield {
      id: 'tls',
      verdict: 'fail',
      message: `no verified TLS connection to ${where} (${answer.code})`,
      next:
        answer.code === 'ERR_TLS_CERT_ALTNAME_INVALID'
          ? 'Use the name in the certificate as host, or set tls.servername to it.'
          : "Give the server's CA as tls.ca, and its TLS port.",
    };
  } else {
    yield {
      id: 'reach',
      verdict: 'fail',
      message: `${where} does not answer (${answer.code})`,
      next: 'Check host, port and firewall, and that the plugin rabbitmq_management is on.',
    };
  }
}

/** The API dates its answers by the second. */
function clockCheck(server: Date | undefined, began: Date, ended: Date): Check {
  if (server === undefined) return { id: 'clock', verdict: 'warn', message: 'the broker does not date its answers' };
  const skew = Math.max(began.getTime() - server.getTime() - 1_000, server.getTime() - ended.getTime(), 0);
  if (skew <= 1_000) return { id: 'clock', verdict: 'ok', message: "the broker's clock agrees with ours" };
  return {
    id: 'clock',
    verdict: 'warn',
    message: `the broker's clock differs by ${Math.round(skew / 1000)} s`,
    next: 'Run a time service on both machines.',
  };
}

async function listenerCheck(listener: Endpoint, io: Io): Promise<Check> {
  const socket = await dial(listener, limitsOf(io));
  if (!('failed' in socket)) {
    socket.destroy();
    return { id: 'replicas', verdict: 'ok', message: `${listener.replica} takes AMQP connections` };
  }
  return {
    id: 'replicas',
    verdict: 'fail',
    message: `${listener.replica}: no AMQP connection (${socket.failed})`,
    next: isTlsCode(socket.failed)
      ? "Give the server's CA as tls.ca, and its TLS port."
      : 'List the AMQP listener of each node under config.amqp.',
  };
}

function* nodesCheck(answer: Answer, listeners: readonly Endpoint[]): Generator<Check> {
  const read = isSuccess(answer) ? overview.safeParse(answer.json) : undefined;
  if (read?.success !== true) {
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: 'the nodes of the cluster cannot be read',
      next: 'Read /api/overview of the management API.',
    };
    return;
  }
  const nodes = new Set(read.data.listeners.filter(({ protocol }) => protocol.startsWith('amqp')).map(({ node }) => node));
  const message = `RabbitMQ ${read.data.rabbitmq_version}: ${nodes.size} of its nodes take AMQP, ${listeners.length} are in the estate file`;
  yield nodes.size <= listeners.length
    ? { id: 'replicas', verdict: 'ok', message }
    : {
        id: 'replicas',
        verdict: 'warn',
        message,
        next: 'List the AMQP listener of each node under config.amqp: it is not proved otherwise.',
      };
  const others = ['mqtt', 'stomp', 'stream'].filter((name) => read.data.listeners.some(({ protocol }) => protocol.includes(name)));
  if (others.length > 0)
    yield {
      id: 'replicas',
      verdict: 'warn',
      message: `the same passwords open ${others.join(', ')} listeners, which are not probed`,
      next: 'They ask the same user database; their open connections are listed and ended with the others.',
    };
}
