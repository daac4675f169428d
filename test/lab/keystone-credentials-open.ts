// What the suites of application credentials and EC2 keys stand on: the connector opened on a lab server, and credentials made past it.
import type { LabKeystone } from '../../lab/keystone.ts';
import { keystoneCredentials } from '../../src/connectors/keystone-credentials/keystone-credentials.ts';
import type { AccountRef, Io, Sealer, Secret } from '../../src/kit/kit.ts';
import { secretOf } from '../../src/seal/secret.ts';
import { labIo, labSettings } from './keystone-open.ts';

export type Kind = 'application' | 'ec2';

export function openCredentials(lab: LabKeystone, kind: Kind, io: Partial<Io> = {}, more: object = {}) {
  const owners = [...lab.users.keys()].map((user) => ({ user, password: { env: user } }));
  const settings = keystoneCredentials.config.parse({ ...labSettings(lab), kind, ...(kind === 'application' ? { owners } : {}), ...more });
  return keystoneCredentials.open(settings, {
    ...labIo(lab, io),
    resolve: async (ref) => {
      const user = 'env' in ref ? lab.users.get(ref.env) : undefined;
      return secretOf('own', user?.password ?? lab.admin.password);
    },
  });
}

export function holderRef(lab: LabKeystone, name: string): AccountRef {
  const id = lab.users.get(name)?.id ?? 'nobody';
  return { system: 'lab-keystone', id: `${id}:${lab.project}`, name, login: name };
}

/** A credential as its user would have made it, in the form consumers hold. */
export async function made(
  lab: LabKeystone,
  kind: Kind,
  name: string,
  label = 'first',
  more: object = {},
): Promise<{ slot: string; text: string }> {
  const user = lab.users.get(name) as { id: string; password: string };
  if (kind === 'ec2') {
    const answer = await lab.ask('POST', `/users/${user.id}/credentials/OS-EC2`, { tenant_id: lab.project });
    const { access, secret } = (answer.body as { credential: { access: string; secret: string } }).credential;
    return { slot: access, text: JSON.stringify({ access, secret }) };
  }
  const token = await lab.login(user.id, user.password);
  const body = { application_credential: { name: label, ...more } };
  const answer = await lab.ask('POST', `/users/${user.id}/application_credentials`, body, token);
  const { id, secret } = (answer.body as { application_credential: { id: string; secret: string } }).application_credential;
  return { slot: id, text: JSON.stringify({ id, secret }) };
}

export function keeper(): Sealer & { readonly sealed: { slot: string; text: string }[] } {
  const sealed: { slot: string; text: string }[] = [];
  return {
    sealed,
    async seal(slot, bytes): Promise<Secret> {
      sealed.push({ slot, text: Buffer.from(bytes).toString('utf8') });
      return secretOf(slot, bytes);
    },
  };
}
