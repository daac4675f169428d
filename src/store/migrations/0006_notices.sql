-- What happened, who is told, and what a trigger started. An event is written by the transaction that changes the state, so none is lost
-- and none is told of that never happened. Forward only.

create table event (
  key int8 generated always as identity primary key,
  -- read only once no older transaction is open, so that events are told in their order
  xid xid8 not null default pg_current_xact_id(),
  at timestamptz not null default now(),
  kind text not null,
  plan text not null,
  run text,
  detail jsonb not null default '{}',
  told_at timestamptz
);
create index event_untold on event (key) where told_at is null;
create index event_run on event (run, key) where run is not null;
-- what is found by looking (a clock ran out, a count passed its mark) happens once
create unique index event_once on event (kind, plan) where kind in ('plan.expired', 'run.unknown');

create function tell_plan() returns trigger language plpgsql as $$
begin
  insert into event(kind, plan, detail) values ('plan.made', new.id, jsonb_build_object('by', new.created_by));
  return null;
end $$;
-- a plan appears with an empty hash and is whole when it gets one
create trigger plan_tells after update of hash on plan for each row when (old.hash = '' and new.hash <> '') execute function tell_plan();

create function tell_approval() returns trigger language plpgsql as $$
begin
  insert into event(kind, plan, detail) values ('plan.approved', new.plan, jsonb_build_object('by', new.approver));
  return null;
end $$;
create trigger approval_tells after insert on approval for each row when (new.plan like 'P-%') execute function tell_approval();

create function tell_refusal() returns trigger language plpgsql as $$
begin
  insert into event(kind, plan, detail) values ('plan.refused', new.subject, jsonb_build_object('by', new.by_name, 'reason', new.reason));
  return null;
end $$;
create trigger refusal_tells after insert on refusal for each row when (new.subject like 'P-%') execute function tell_refusal();

create function tell_run() returns trigger language plpgsql as $$
begin
  if tg_op = 'INSERT' then
    insert into event(kind, plan, run, detail) values ('run.started', new.plan, new.id, jsonb_build_object('by', new.started_by));
  else
    insert into event(kind, plan, run, detail) values (case new.state when 'running' then 'run.resumed' else 'run.' || new.state end, new.plan, new.id,
      jsonb_strip_nulls(jsonb_build_object('by', new.halt->>'by', 'reason', new.halt->>'reason')));
  end if;
  return null;
end $$;
create trigger run_starts after insert on run for each row execute function tell_run();
create trigger run_tells after update of state on run for each row when (old.state is distinct from new.state) execute function tell_run();

create function tell_wave() returns trigger language plpgsql as $$
begin
  insert into event(kind, plan, run, detail) select 'wave.' || new.state, r.plan, r.id, jsonb_build_object('wave', new.n, 'name', new.name) from run r where r.key = new.run;
  return null;
end $$;
create trigger wave_tells after update of state on wave for each row when (old.state is distinct from new.state and new.state in ('running', 'done')) execute function tell_wave();

-- A lane that the reconciler halts for its canary gets a new epoch; one that its own worker gave up keeps it.
create function tell_lane() returns trigger language plpgsql as $$
begin
  insert into event(kind, plan, run, detail) select 'system.halted', r.plan, r.id,
    jsonb_build_object('system', new.system, 'wave', new.wave, 'cause', case when new.epoch > old.epoch then 'canary' else 'system' end) from run r where r.key = new.run;
  return null;
end $$;
create trigger lane_tells after update of state on lane for each row when (old.state is distinct from new.state and new.state = 'halted') execute function tell_lane();

-- one line to one recipient; several are bundled into a message
create table notice (
  key int8 generated always as identity primary key,
  event int8 not null references event (key),
  channel text not null,              -- mail, or the id of a chat webhook
  person text not null default '',    -- empty: everybody behind the channel
  thread text not null,               -- the plan: a plan and its run are one conversation
  kind text not null,                 -- decision | trouble | finished | progress
  ask bool not null default false,    -- asks for an approval; withdrawn when it is no longer needed
  urgent bool not null,
  body jsonb not null,
  state text not null default 'waiting', -- waiting | bundled | withdrawn
  due_at timestamptz not null,
  message int8,
  created_at timestamptz not null default now(),
  unique (event, channel, person)
);
create index notice_waiting on notice (channel, person, thread) where state = 'waiting';
create index notice_thread on notice (thread, person) where ask;
create index notice_message on notice (message) where message is not null;

-- the outbox: what goes out, to whom, and how that went
create table message (
  key int8 generated always as identity primary key,
  -- Message-ID and webhook-id: the same at every attempt, so that a message that comes twice collapses
  id text not null unique,
  channel text not null,
  person text not null default '',
  address text,
  thread text not null,
  template text not null,             -- a template, or the type of a signed event
  body jsonb not null,
  state text not null default 'ready', -- ready | sending | sent | dead | withdrawn
  tries int4 not null default 0,
  next_at timestamptz not null,
  held_until timestamptz,
  reason text,
  created_at timestamptz not null,
  sent_at timestamptz
);
create index message_open on message (channel, person, thread, key) where state in ('ready', 'sending');

-- where a chat keeps the one message of a run
create table chat_post (
  channel text not null,
  thread text not null,
  remote text not null,
  primary key (channel, thread)
);

-- one firing of a playbook; the idempotency key makes a repeated call the same firing
create table firing (
  id text primary key,
  playbook text not null,
  playbook_hash text not null,
  call_key text not null,
  request text not null,              -- canonical JSON of what was sent
  fired_by text not null,
  incident text not null,
  plan text,
  run text,
  over text,                          -- by how much the plan passes the cap
  held_until timestamptz,
  created_at timestamptz not null,
  unique (playbook, call_key)
);
create index firing_recent on firing (playbook, created_at);

-- signatures under a playbook, and the copy of them that a run was started with
create table playbook_approval (
  playbook text not null,
  approver text not null,
  method text not null,
  public_key text not null,
  signature text not null,
  at timestamptz not null,
  primary key (playbook, approver)
);
create table pre_approval (
  plan text primary key references plan (id),
  playbook text not null,             -- the signed text
  parameters jsonb not null,
  approvals jsonb not null
);
