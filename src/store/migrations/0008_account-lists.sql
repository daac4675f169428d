-- A list of all accounts by tier, the order of an incident, read a page at a time: without it each page sorts the whole table. Forward only.
create index account_tier on account (tier, system, name, key) where gone_at is null;
