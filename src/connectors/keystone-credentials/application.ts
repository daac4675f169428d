// Application credentials: made as their owner, because the service lets nobody else, with the rights of the ones they replace and never
// more.
import { done, type Io, indeterminate, type Outcome, refused } from '../../kit/kit.ts';
import { listAt, member, textAt } from '../../protocols/http/call.ts';
import { applicationLogin } from '../../protocols/keystone/auth.ts';
import { type Identity, ownerIdentity } from '../../protocols/keystone/identity.ts';
import type { Config } from './config.ts';
import { pairOf } from './ec2.ts';
import type { Holder } from './holder.ts';
import type { CredentialKind, Listed } from './kind.ts';
import { modelOf } from './model.ts';

export function applicationCredentials(identity: Identity, settings: Config, io: Io): CredentialKind {
  const read = async (user: string): Promise<Outcome<readonly unknown[]>> => {
    const answer = await identity.ask({ method: 'GET', path: ['v3', 'users', user, 'application_credentials'] }, [200]);
    return answer.kind === 'done' ? done(listAt(answer.value.body, 'application_credentials')) : answer;
  };
  return {
    async list(user) {
      const users = user === undefined ? await userIds(identity) : done([user]);
      if (users.kind !== 'done') return users;
      const all: Listed[] = [];
      for (const id of users.value) {
        const found = await read(id);
        if (found.kind !== 'done') return found;
        all.push(...found.value.flatMap((each) => listed(each, id, io.now())));
      }
      return done(all);
    },
    async issue(holder, sealer, label) {
      const owner = await ownerOf(identity, settings, holder, io);
      if (owner.kind !== 'done') return refused(owner.fault.code, owner.fault.message, owner.fault);
      const there = await read(holder.user);
      if (there.kind !== 'done') return refused(there.fault.code, there.fault.message, there.fault);
      const model = modelOf(
        there.value.filter((each) => textAt(each, 'project_id') === holder.project),
        settings.roles,
      );
      if (model.kind !== 'done') return model;
      const until = settings.lifetimeDays === undefined ? undefined : new Date(io.now().getTime() + settings.lifetimeDays * 86_400_000);
      const expires = until === undefined ? {} : { expires_at: until.toISOString().slice(0, 19) };
      const json = { application_credential: { name: label, description: 'made by Rekey', ...model.value, ...expires } };
      const made = await owner.value.ask(
        { method: 'POST', path: ['v3', 'users', holder.user, 'application_credentials'], json },
        [201],
        [],
        meanings,
      );
      if (made.kind !== 'done') return made;
      const [id, secret] = ['id', 'secret'].map((name) => textAt(made.value.body, 'application_credential', name));
      if (id === undefined || secret === undefined) return indeterminate('protocol', 'the service made a credential and does not show it');
      return done({ slot: id, secret: await sealer.seal(id, Buffer.from(JSON.stringify({ id, secret }))) });
    },
    async retire({ user }, slot) {
      const path = ['v3', 'users', user, 'application_credentials', slot];
      const deleted = await identity.ask({ method: 'DELETE', path }, [204, 404]);
      return deleted.kind === 'done' ? done(undefined) : deleted;
    },
    async login({ id, secret }) {
      const login = await applicationLogin(identity.target, io, id, secret);
      const { reply } = login;
      const said = reply.kind === 'answered' && reply.status === 404 ? (textAt(reply.body, 'error', 'message') ?? '') : '';
      return { ...login, absent: /could not find application credential/i.test(said) };
    },
    pairOf: (text) => pairOf(text, 'id'),
  };
}

const meanings = {
  400: { fault: 'protocol', certain: true, say: 'the service does not take this credential' },
  403: { fault: 'permission', certain: true, say: 'the owner may not make this credential (are all its roles still its own?)' },
} as const;

async function ownerOf(identity: Identity, settings: Config, holder: Holder, io: Io): Promise<Outcome<Identity>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'users', holder.user] }, [200]);
  if (read.kind !== 'done') return read;
  const name = textAt(read.value.body, 'user', 'name');
  const domain = await domainName(identity, textAt(read.value.body, 'user', 'domain_id') ?? '');
  if (domain.kind !== 'done') return domain;
  const owner = settings.owners.find((each) => each.user === name && each.domain === domain.value);
  if (owner === undefined)
    return refused('unsupported', `only ${name} itself can make its application credentials: name it in config.owners`);
  return done(ownerIdentity(identity.target, io, { id: holder.user }, () => io.resolve(owner.password), holder.project));
}

async function domainName(identity: Identity, id: string): Promise<Outcome<string>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'domains', id] }, [200]);
  return read.kind === 'done' ? done(textAt(read.value.body, 'domain', 'name') ?? '') : read;
}

async function userIds(identity: Identity): Promise<Outcome<readonly string[]>> {
  const read = await identity.ask({ method: 'GET', path: ['v3', 'users'] }, [200]);
  if (read.kind !== 'done') return read;
  if (member(read.value.body, 'truncated') === true)
    return indeterminate('protocol', 'the server cuts its lists (list_limit): raise the limit in keystone.conf');
  return done(listAt(read.value.body, 'users').flatMap((user) => textAt(user, 'id') ?? []));
}

function listed(value: unknown, user: string, now: Date): Listed[] {
  const [slot, label, project, until] = ['id', 'name', 'project_id', 'expires_at'].map((name) => textAt(value, name));
  if (slot === undefined || project === undefined) return [];
  const expiresAt = until === undefined ? undefined : new Date(`${until}Z`);
  return [
    {
      slot,
      user,
      project,
      expired: expiresAt !== undefined && expiresAt <= now,
      ...(label === undefined ? {} : { label }),
      ...(expiresAt === undefined ? {} : { expiresAt }),
    },
  ];
}
