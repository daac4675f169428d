-- The estate as last read, its escrow, plans, runs and evidence. Forward only.

create table estate (
  one bool primary key default true check (one),
  name text not null,
  -- the Ed25519 key that signs checkpoints: private half sealed
  log_public text not null,
  log_private bytea not null,
  log_data_key int8 not null,
  created_at timestamptz not null default now()
);

-- data keys, wrapped by a key of the keyring; one per run or import, re-wrapped when the keyring turns
create table data_key (
  key int8 generated always as identity primary key,
  purpose text not null,
  ring text not null,
  wrapped bytea not null,
  created_at timestamptz not null default now()
);

create table system (
  id text primary key,
  connector text not null,
  role text not null default 'system',
  tier int2 not null default 3,
  owner text,
  -- hash over the system's block of the estate file: part of every plan's drift check
  spec text not null,
  canary text,
  seen_at timestamptz,
  -- the password policy as discovery last read it, and when; null with a time = the target states none
  policy jsonb,
  policy_at timestamptz,
  -- for predictions: what lanes took ({"items", "firstMs", "itemMs"}) and how many replicas each path has, as discovery counted ("cells")
  pace jsonb not null default '{}'
);

create table account (
  key int8 generated always as identity primary key,
  system text not null references system (id),
  id text not null,
  name text not null,
  locator text,
  login text,
  identity text,
  kind text not null default 'unknown',
  -- every owner anybody declared; exactly one distinct value is ownership, else a blocker
  owners text[] not null default '{}',
  owner text generated always as (case when array_length(owners, 1) = 1 then owners[1] end) stored,
  manager text,
  managed text not null default 'enterprise',
  tier int2 not null default 3,
  tags text[] not null default '{}',
  privileged bool not null default false,
  shared bool not null default false,
  enabled bool not null default true,
  exposed bool not null default false,
  facts jsonb not null default '{}',
  -- what imports and the target said, for the columns above: {"owners": {file: [owner…]}, "kind", "tier", "hint": the target's owner}
  declared jsonb not null default '{}',
  -- the person whose account it is, told by the estate file's rules or declared; or why that cannot be told
  person text,
  person_why text,
  -- the target's record of the last change of the secret
  changed_at timestamptz,
  -- current version of the secret Rekey set; 0 = never by Rekey
  version int4 not null default 0,
  reset_at timestamptz,
  seen_at timestamptz not null default now(),
  gone_at timestamptz,
  unique (system, id)
-- a reset touches two columns no index has: with room on the page that stays a heap-only update
) with (fillfactor = 85);
create index account_name on account (system, name);
create index account_login on account (system, login) where login is not null;
create index account_locator on account (system, locator) where locator is not null;
-- LDAP names ignore case
create index account_dn on account (system, lower(locator)) where locator like '%=%';
create index account_rdn on account (system, lower(name)) where name like '%=%';
create index account_identity on account (identity) where identity is not null;
create index account_person on account (person) where person is not null;

-- the rules by which account.person was told last
create table people_rules (
  one bool primary key default true check (one),
  rules text not null
);

-- where a discovery stopped, so that it can go on
create table discovery (
  system text primary key references system (id),
  cursor text,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  found int8 not null default 0
);

create table consumer (
  key int8 generated always as identity primary key,
  account int8 not null references account (key),
  consumer text not null,
  store text not null,
  ref text not null,
  owner text,
  reload text,
  health text,
  state text not null default 'mapped',
  seen_at timestamptz not null default now(),
  unique (account, consumer)
);

-- the escrow: every candidate ever sent and every value that leaked, in order; nothing is deleted while a path is unreachable
create table secret (
  key int8 generated always as identity primary key,
  account int8 not null,
  origin text not null,               -- generated | leaked | known
  version int4 not null,
  state text not null,                -- candidate | live | previous | disproved
  data_key int8 not null,
  slot text,                          -- the target's handle of a value that the target made
  sealed bytea not null,
  created_at timestamptz not null default now(),
  unique (account, origin, version)
) with (fillfactor = 80);

create table plan (
  id text primary key,
  name text not null,
  hash text not null,
  header text not null,               -- canonical JSON; sha256 of these bytes is the hash
  created_at timestamptz not null default now(),
  created_by text not null,
  expires_at timestamptz not null
);
create table plan_item (
  plan text not null references plan (id),
  seq int4 not null,
  wave int2 not null,
  account int8 not null,
  system text not null,
  action text not null,               -- rotate | contain | by-hand | blocked | skip
  canary bool not null default false,
  line text not null,                 -- canonical JSON; the header's digest is over these lines in order
  fingerprint text not null,          -- over the estate rows that matter, for the drift check
  primary key (plan, seq)
);
create table approval (
  plan text not null,                 -- a plan's or a hand-over's id
  approver text not null,
  method text not null,               -- ssh | passkey
  public_key text not null,
  signature text not null,
  at timestamptz not null default now(),
  primary key (plan, approver)
);

create table run (
  key int8 generated always as identity primary key,
  id text not null unique,
  plan text not null references plan (id),
  plan_hash text not null,
  state text not null default 'running',
  mode text not null,
  rollback bool not null default false,
  data_key int8 not null,
  started_by text not null,
  started_at timestamptz not null default now(),
  ended_at timestamptz,
  halt jsonb                          -- why it is paused or aborted: {by, reason, at}
);
create table wave (
  run int8 not null references run (key),
  n int2 not null,
  name text not null,
  mode text not null,
  gate jsonb not null default '{}',
  state text not null default 'waiting',
  reason text,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (run, n)
);
-- lease and fencing epoch live here, never on items
create table lane (
  key int8 generated always as identity primary key,
  run int8 not null references run (key),
  wave int2 not null,
  system text not null,
  shard int2 not null default 0,
  epoch int4 not null default 0,
  owner text,
  beat_at timestamptz,
  state text not null default 'waiting',
  reason text,
  stats jsonb not null default '{}',
  unique (run, wave, system, shard)
);
create table item (
  key int8 generated always as identity primary key,
  run int8 not null references run (key),
  lane int8 not null references lane (key),
  wave int2 not null,
  account int8 not null,
  credential text not null default 'password',
  canary bool not null default false,
  generations bool not null default false, -- a key with generations: reset until what was issued before is refused
  state text not null default 'planned',
  open bool not null default true,    -- flips once per attempt: the only indexed thing that changes (HOT updates)
  version int4,
  attempt int2 not null default 0,
  person text,                        -- as the plan knew it
  sync text,                          -- the sync group whose shared value the account gets
  sync_attempt int2 not null default 0,
  error text,
  applied_at timestamptz,             -- the target's clock when the new secret was confirmed
  retired_at timestamptz,             -- the target's clock when the old value beside it was closed or its slots retired
  residual_until timestamptz,
  residual_why text,
  reproof_at timestamptz,             -- when the proof is held again (stays dead)
  reproofs int2 not null default 0,   -- how often it was
  blocked bool not null default false, -- we blocked the account for containment and owe it an unblock
  updated_at timestamptz not null default now()
) with (fillfactor = 60);
create index item_open on item (lane, key) where open;
create index item_account on item (account, run);
create index item_run on item (run, key);
create index item_person on item (run, person) where person is not null;
create index item_residual on item (residual_until) where residual_until is not null;
create index item_reproof on item (reproof_at) where reproof_at is not null;

-- the slots that were live before the target was asked for a new one: what the item must retire
create table item_slot (
  item int8 not null,
  slot text not null,
  primary key (item, slot)
);
-- the resets of a key with generations, each with the generation it was decided on
create table item_turn (
  item int8 not null,
  expected int8 not null,
  attempt int2 not null,
  reached int8,
  reset_at timestamptz,
  converged_at timestamptz,
  primary key (item, expected)
);
create table item_consumer (
  item int8 not null,
  consumer int8 not null,
  state text not null,
  store_version text,
  detail text,
  at timestamptz not null default now(),
  primary key (item, consumer)
);
create table cell (
  item int8 not null,
  path text not null,
  replica text not null,
  verdict text not null,
  level text not null,
  code text not null,
  at timestamptz not null,
  primary key (item, path, replica)
);
create table exception (
  id text primary key,
  run int8 not null,
  item int8 not null,
  path text,                          -- null = the whole item
  owner text not null,
  reason text not null,
  expires_at timestamptz not null,
  at timestamptz not null default now()
);

create index exception_item on exception (item);

-- an owner's word that a task by hand was done
create table sign_off (
  id text primary key,
  run int8 not null,
  item int8 not null unique,
  owner text not null,
  recorded_by text not null,
  reason text not null,
  at timestamptz not null default now()
);

create table log (
  key int4 generated always as identity primary key,
  name text not null unique           -- a run's id, or 'estate'
);
-- order of a log = (xid, seq): every later entry has a later xid, so a prefix never changes once no older transaction is open
create table entry (
  log int4 not null,
  xid xid8 not null default pg_current_xact_id(),
  seq int8 generated always as identity,
  line text not null,
  primary key (log, xid, seq)
);
create table checkpoint (
  log int4 not null,
  size int8 not null,
  note text not null,
  at timestamptz not null default now(),
  primary key (log, size)
);
create table handover (
  id text primary key,
  hash text not null,
  request text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  written_at timestamptz
);
