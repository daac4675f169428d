// The API of a fictitious application, "Parcel desk", for the guide in docs/connectors-http.md. It stands for the one you have at home.
import { randomBytes, scryptSync, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';

const port = Number(process.env.PORT ?? 18463);
const adminToken = process.env.DESK_TOKEN ?? 'desk-admin-token';
const pageSize = 2;
const lockedAfter = 5;

const hashed = (text, salt = randomBytes(8)) => ({ salt, hash: scryptSync(text, salt, 32, { N: 1024 }) });
const matches = (text, { salt, hash }) => timingSafeEqual(hash, hashed(text, salt).hash);

const staff = ['svc-labels', 'svc-scanner', 'anna', 'rekey-canary'].map((login, n) => ({
  number: `S-${n + 1}`,
  login,
  role: login === 'anna' ? 'person' : 'service',
  active: true,
  password: hashed(`first-password-of-${login}`),
  passwordSet: new Date(Date.now() - 90 * 86_400_000).toISOString(),
  version: 1,
  failedLogins: 0,
  sessions: [],
  keys: login.startsWith('svc-')
    ? [{ id: `K-${n + 1}`, note: 'made by hand', made: new Date().toISOString(), ...hashed(`first-key-of-${login}`) }]
    : [],
}));

const shown = ({ number, login, role, active, passwordSet, version, failedLogins }) => ({
  number,
  login,
  role,
  active,
  passwordSet,
  version,
  failedLogins,
});

function login(fields) {
  const person = staff.find((each) => each.login === fields.get('login'));
  if (person === undefined) return [200, { result: 'denied' }];
  if (person.failedLogins >= lockedAfter) return [200, { result: 'locked' }];
  if (!matches(fields.get('password') ?? '', person.password)) {
    person.failedLogins += 1;
    return [200, { result: 'denied' }];
  }
  if (!person.active) return [200, { result: 'suspended' }];
  person.failedLogins = 0;
  person.sessions.push({ id: randomBytes(4).toString('hex'), since: new Date().toISOString() });
  return [200, { result: 'welcome' }];
}

function labels(key) {
  const owner = staff.find((person) => person.keys.some((each) => matches(key ?? '', each)));
  return owner === undefined ? [401, { error: 'unknown key' }] : owner.active ? [200, { labels: [] }] : [403, { error: 'suspended' }];
}

function administer(method, [number, what, id], body, query) {
  if (number === undefined) {
    const page = Number(query.get('page') ?? 1);
    return [200, { staff: staff.slice((page - 1) * pageSize, page * pageSize).map(shown) }];
  }
  const person = staff.find((each) => each.number === number);
  if (person === undefined) return [404, { error: 'nobody has this number' }];
  switch (`${method} ${what ?? ''}`) {
    case 'GET ':
      return [200, shown(person)];
    case 'PUT password':
      if (String(body.new ?? '').length < 12) return [422, { error: 'too_short' }];
      Object.assign(person, {
        password: hashed(body.new),
        passwordSet: new Date().toISOString(),
        version: person.version + 1,
        failedLogins: 0,
      });
      return [200, { result: 'changed' }];
    case 'POST suspend':
    case 'POST restore':
      person.active = what === 'restore';
      return [200, { result: 'changed' }];
    case 'GET sessions':
      return [200, { sessions: person.sessions }];
    case 'DELETE sessions':
      person.sessions = person.sessions.filter((session) => id !== undefined && session.id !== id);
      return [200, { result: 'closed' }];
    case 'GET keys':
      return [200, { keys: person.keys.map(({ id: key, note, made }) => ({ id: key, note, made })) }];
    case 'POST keys': {
      const secret = randomBytes(18).toString('base64url');
      const made = { id: `K-${randomBytes(4).toString('hex')}`, note: body.note ?? '', made: new Date().toISOString() };
      person.keys.push({ ...made, ...hashed(secret) });
      return [201, { key: { id: made.id, secret } }];
    }
    case 'DELETE keys':
      if (!person.keys.some((key) => key.id === id)) return [404, { error: 'no such key' }];
      person.keys = person.keys.filter((key) => key.id !== id);
      return [200, { result: 'deleted' }];
    default:
      return [404, { error: 'no such call' }];
  }
}

function answer(request, body) {
  const url = new URL(request.url, 'http://desk');
  const [root, ...rest] = url.pathname.split('/').slice(1);
  if (root === 'login' && request.method === 'POST') return login(new URLSearchParams(body));
  if (root === 'labels') return labels(request.headers['x-desk-key']);
  if (root !== 'api' || rest[0] !== 'staff') return [404, { error: 'no such call' }];
  if (request.headers.authorization !== `Bearer ${adminToken}`) return [401, { error: 'unknown token' }];
  return administer(request.method, rest.slice(1).map(decodeURIComponent), body === '' ? {} : JSON.parse(body), url.searchParams);
}

createServer(async (request, response) => {
  let body = '';
  for await (const chunk of request) body += chunk;
  const [status, json] = answer(request, body);
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}).listen(port, '127.0.0.1', () => process.stdout.write(`Parcel desk listens on 127.0.0.1:${port}\n`));
