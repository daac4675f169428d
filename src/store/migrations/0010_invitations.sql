-- An invitation can be named, so that it can be listed and taken back, and can be for a member who lost their passkey. Forward only.

alter table join_code add column id text;
update join_code set id = 'I-' || upper(substr(encode(hash, 'hex'), 1, 8));
alter table join_code alter column id set not null;
-- whose way back in it is; null: it makes a new member
alter table join_code add column for_member text references member (id);
