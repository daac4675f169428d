// Single sign-on of the hybrid lab: one OpenID provider with clients of its own, whose people are kept by a SCIM service and log in at its token endpoint.
import { type LabOidc, startOidc } from '../oidc-server.ts';
import { startScim } from '../scim-server.ts';
import { numbered, type Part, part, withSecrets } from './part.ts';

/** The client Rekey asks with when it proves a person's password. */
const asking = 'rekey-asks';

export async function singleSignOn(size: number): Promise<readonly Part[]> {
  const [people, clients] = [numbered('staff-', size), numbered('app-', size)];
  const scim = await startScim({ users: people });
  const oidc = await startOidc({ clients: [asking, ...clients], users: people }).catch(async (error) => {
    await scim.stop();
    throw error;
  });
  for (const user of scim.users.values()) knownTo(oidc, user);
  const staff = part('staff', 'scim', {
    // Neither the service nor the provider of the lab counts failures.
    config: { url: scim.url, token: { env: 'LAB_SCIM' }, lockout: { attempts: 0 } },
    paths: [
      {
        id: 'sign-on',
        probe: 'oidc-token',
        config: { tokenUrl: `${oidc.issuer}/token`, client: { id: asking, secret: { env: 'LAB_ASKING' } } },
      },
    ],
    env: { LAB_SCIM: scim.token, LAB_ASKING: oidc.secrets[asking] as string },
    accounts: withSecrets(people, scim.first),
    stop: () => scim.stop(),
  });
  const token = (n: number) => `LAB_REGISTRATION_${n}`;
  const registered = clients.map((id, n) => ({ id, registration: { url: oidc.registrationUrl(id), token: { env: token(n) } } }));
  const applications = part('sign-on', 'oidc', {
    config: { issuer: oidc.issuer, clients: registered, accessTokens: { form: 'opaque' } },
    env: Object.fromEntries(clients.map((id, n) => [token(n), oidc.registrationTokens[id] as string])),
    accounts: withSecrets(clients, oidc.secrets),
    stop: () => oidc.stop(),
  });
  return [staff, applications];
}

/** The provider asks the SCIM service's record at each login: what is set there holds here at once. */
function knownTo(oidc: LabOidc, user: { readonly userName: string; readonly password: string; readonly active: boolean }): void {
  oidc.users.set(user.userName, {
    get password() {
      return user.password;
    },
    get state() {
      return user.active ? 'active' : 'disabled';
    },
  });
}
