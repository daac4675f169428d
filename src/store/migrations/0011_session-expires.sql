-- Sessions that ended long ago are found without reading the others. Forward only.
create index session_expires on session (expires_at);
