// One login with one secret on one server: its own connection, ended at once, bounded in time. Nothing but this secret can make it succeed.
import type { Capabilities, Io, Probed } from '../../kit/kit.ts';
import type { Config, Endpoint } from './config.ts';
import { clientConfig, codeOf, probeName } from './login.ts';
import { verdictOf } from './verdict.ts';

const loginPath = 'login';

export function probe(driver: typeof import('pg'), settings: Config, servers: readonly Endpoint[], io: Io): Capabilities['probe'] {
  return {
    async paths() {
      return servers.map(({ replica }) => ({ path: loginPath, replica }));
    },
    async attempt(account, secret, where) {
      const endpoint = servers.find(({ replica }) => replica === where.replica);
      if (endpoint === undefined || where.path !== loginPath) return { verdict: 'indeterminate', code: 'no-such-path' };
      if (secret.use((bytes) => bytes.length === 0)) return { verdict: 'indeterminate', code: 'empty-secret' };
      if (io.signal.aborted) return { verdict: 'indeterminate', code: 'ABORTED' };
      const config = clientConfig(endpoint, settings.database, account.name, io.timeoutMs, probeName);
      const client = new driver.Client({ ...config, password: () => secret.text((text) => text) });
      client.on('error', () => {});
      return attempt(client, io);
    },
  };
}

async function attempt(client: import('pg').Client, io: Io): Promise<Probed> {
  let stop = (): void => {};
  const gaveUp = new Promise<Probed>((resolve) => {
    const timer = setTimeout(() => resolve({ verdict: 'indeterminate', code: 'ETIMEDOUT' }), io.timeoutMs);
    const aborted = (): void => resolve({ verdict: 'indeterminate', code: 'ABORTED' });
    io.signal.addEventListener('abort', aborted, { once: true });
    stop = () => {
      clearTimeout(timer);
      io.signal.removeEventListener('abort', aborted);
    };
  });
  const answered = client.connect().then(
    (): Probed => ({ verdict: 'accepted', code: '00000' }),
    (error: unknown): Probed => {
      const code = codeOf(error);
      return { verdict: verdictOf(code, (error as { routine?: string }).routine), code };
    },
  );
  const probed = await Promise.race([answered, gaveUp]);
  stop();
  // Without waiting: the goodbye of a server that hangs is not worth a probe's time. The socket goes with it.
  void client.end().catch(() => {});
  return probed;
}
