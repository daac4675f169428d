-- Who refused a plan or a hand-over, and why. While one stands, nothing is started. Forward only.

create table refusal (
  key int8 generated always as identity primary key,
  subject text not null,              -- a plan's or a hand-over's id
  by_name text not null,
  reason text not null,
  at timestamptz not null,
  withdrawn_at timestamptz
);
create unique index refusal_standing on refusal (subject, by_name) where withdrawn_at is null;

-- what waits for approval, newest first
create index plan_created on plan (created_at, id);
create index handover_created on handover (created_at, id);
