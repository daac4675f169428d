-- Who may sign in, with what, and what they hold. Codes, tokens and sessions are kept as SHA-256 only: the store opens no door. Forward only.

create table member (
  id text primary key,
  -- as it stands in plans, approvals and logs: nobody else's, in any case of letters
  name text not null,
  email text,
  -- as the inventory names owners and identities
  identity text,
  roles text[] not null default '{}',
  disabled_at timestamptz,
  expires_at timestamptz,
  -- the WebAuthn user handle: random, says nothing of the person
  handle bytea not null unique,
  -- who they are at the OpenID provider, once they have signed in there
  issuer text,
  subject text,
  created_by text not null,
  created_at timestamptz not null default now(),
  seen_at timestamptz
);
create unique index member_name on member (lower(name));
create unique index member_email on member (lower(email)) where email is not null;
create unique index member_identity on member (lower(identity)) where identity is not null;
create unique index member_subject on member (issuer, subject) where subject is not null;

-- one-time codes: `bootstrap` makes the first administrator, `invitation` lets somebody in
create table join_code (
  hash bytea primary key,
  kind text not null,
  name text,
  email text,
  identity text,
  roles text[] not null default '{}',
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  member text references member (id)
);

create table passkey (
  id text primary key,                -- the credential id, base64url
  member text not null references member (id),
  name text not null,
  public_key bytea not null,          -- COSE
  counter int8 not null,
  transports text[] not null default '{}',
  backed_up bool not null,
  created_at timestamptz not null default now(),
  used_at timestamptz
);
create index passkey_member on passkey (member);

-- what a passkey or an OpenID provider was asked: good for one answer, and for minutes
create table challenge (
  value text primary key,
  purpose text not null,
  about jsonb not null default '{}',
  expires_at timestamptz not null
);
create index challenge_expires on challenge (expires_at);

create table session (
  id text primary key,
  hash bytea not null unique,
  member text not null references member (id),
  method text not null,               -- passkey | oidc
  address text,
  agent text,
  passkey_at timestamptz,             -- when a passkey was last shown in it
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  ended_at timestamptz,
  ended_why text
);
create index session_member on session (member) where ended_at is null;

create table token (
  id text primary key,
  hash bytea not null unique,
  member text not null references member (id),
  name text not null,
  permissions text[] not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz,
  revoked_at timestamptz,
  revoked_by text
);
create index token_member on token (member);
