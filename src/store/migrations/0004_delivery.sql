-- What people and workloads fetched. A line is written when something happens: that something waits follows from the account and its live version. Forward only.

create table claim (
  account int8 not null references account (key),
  version int4 not null,
  person text not null,               -- as the inventory names identities and owners
  opens_at timestamptz not null,      -- the window runs from here: the reset, or when it was opened again
  revealed_at timestamptz,            -- first shown since it was opened
  revealed_until timestamptz,         -- the same session may show it again until then
  session text,                       -- where it was shown: the id of a session or a token's member
  reveals int4 not null default 0,
  kept_at timestamptz,                -- the person said that it is saved
  primary key (account, version, person)
);

-- attempts of one person or workload within the running hour
create table delivery_rate (
  who text primary key,
  since timestamptz not null,
  tries int4 not null
);

create table workload_fetch (
  account int8 not null references account (key),
  version int4 not null,
  workload text not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  times int4 not null,
  primary key (account, version, workload)
);

-- an owner's own list
create index account_owner on account (owner) where owner is not null;
