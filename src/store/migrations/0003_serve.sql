-- What servers share: how often somebody asked, answers kept for repeated requests, what changed. Forward only.

-- a fixed window per key; the key is hashed: no name and no address stands here
create table rate_limit (
  key bytea primary key,
  hits int8 not null,
  ends_at timestamptz not null
);
create index rate_limit_end on rate_limit (ends_at);

-- one row per Idempotency-Key of a caller on a route; a reply that held a secret is never kept
create table kept_reply (
  key bytea primary key,              -- sha256 over caller, route and key
  body bytea,                         -- sha256 of the request's body; null until an upload was read
  state text not null default 'running', -- running | kept | done: done but not kept
  status int2,
  type text,
  reply text,
  started_at timestamptz not null default now(),
  ends_at timestamptz not null
);
create index kept_reply_end on kept_reply (ends_at);

-- what people look at has changed: order = (xid, seq) as in entry. Rows are kept for as long as a reader may be away
create table change (
  xid xid8 not null default pg_current_xact_id(),
  seq int8 generated always as identity,
  kind text not null,                 -- run | plan | approval | system | notice
  ref text not null,
  at timestamptz not null default now(),
  primary key (xid, seq)
);
create index change_at on change (at);

create function note_change(text, text) returns void language sql as $$
  insert into change (kind, ref) values ($1, $2)
$$;

-- arguments: kind, and the column that holds the reference
create function note_row() returns trigger language plpgsql as $$
begin
  perform note_change(tg_argv[0], to_jsonb(new) ->> tg_argv[1]);
  return null;
end
$$;
create trigger plan_noted after insert on plan for each row execute function note_row('plan', 'id');
create trigger approval_noted after insert on approval for each row execute function note_row('approval', 'plan');
create trigger run_noted after insert or update on run for each row execute function note_row('run', 'id');

create function note_run_of() returns trigger language plpgsql as $$
begin
  insert into change (kind, ref) select 'run', id from run where key = new.run;
  return null;
end
$$;
create trigger wave_noted after update on wave for each row
  when (old.state is distinct from new.state or old.reason is distinct from new.reason) execute function note_run_of();
create trigger exception_noted after insert on exception for each row execute function note_run_of();
create trigger sign_off_noted after insert on sign_off for each row execute function note_run_of();
-- a lane's numbers change with each beat: only what a person would ask about is told
create trigger lane_noted after update on lane for each row
  when (old.state is distinct from new.state or old.reason is distinct from new.reason) execute function note_run_of();
create trigger lane_system_noted after update on lane for each row
  when (old.state is distinct from new.state or old.reason is distinct from new.reason) execute function note_row('system', 'system');
create trigger system_noted after update on system for each row
  when (old.seen_at is distinct from new.seen_at or old.policy_at is distinct from new.policy_at or old.spec is distinct from new.spec)
  execute function note_row('system', 'id');
