-- Who was told by mail that a new credential waits for them. What waits follows from account, escrow and claim, as for the pages. Forward only.

-- found by looking: such a notice belongs to no event
alter table notice alter column event drop not null;

create table credential_told (
  account int8 not null references account (key),
  version int4 not null,
  person text not null,
  plan text not null,
  told_at timestamptz not null,
  reminded_at timestamptz,
  primary key (account, version, person)
);
create index credential_told_person on credential_told (person, plan);
create index credential_told_silent on credential_told (told_at) where reminded_at is null;

-- Live versions of ours that nobody was shown yet, and for whom. The owner of a service is told where no consumer of it is known: the others are moved by the run.
-- `doubt`: a newer version may be in place already.
create view waiting_credential as
select a.key as account, s.version, p.person, coalesce(c.opens_at, a.reset_at, s.created_at) as opens_at,
       exists (select 1 from item i where i.account = a.key and i.version is distinct from s.version and i.state in ('sent', 'in-doubt')) as doubt
  from account a
  join lateral (select version, created_at from secret where account = a.key and origin = 'generated' and state = 'live' order by key desc limit 1) s on true
  cross join lateral (
    select a.identity as person where a.identity is not null
    union select a.owner where a.owner is not null and (a.kind <> 'human' or a.identity is null) and not exists (select 1 from consumer k where k.account = a.key)) p
  left join claim c on c.account = a.key and c.version = s.version and c.person = p.person
 where a.gone_at is null and not a.facts ? 'generations' and c.revealed_at is null;
