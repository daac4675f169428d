// A first guess at who is behind a user; owners correct it. Users of OpenStack's own services carry the name of the service.
import type { Kind } from '../../kit/kit.ts';
import type { User } from './user.ts';

const services =
  /^(aodh|barbican|ceilometer|cinder|cloudkitty|designate|glance|gnocchi|heat|horizon|ironic|keystone|magnum|manila|mistral|murano|neutron|nova|octavia|placement|sahara|swift|trove|watcher|zaqar)([-_].*)?$/;

export function kindOf(user: Pick<User, 'name' | 'email'>): Kind {
  const name = user.name.toLowerCase();
  if (services.test(name) || /(^|[-_.])(svc|service|bot|robot|ci|automation)([-_.]|\d*$)/.test(name)) return 'service';
  if (/^(admin|root|operator)\d*$/.test(name)) return 'shared';
  return user.email?.includes('@') === true ? 'human' : 'unknown';
}
