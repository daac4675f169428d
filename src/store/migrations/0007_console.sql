-- What the console asks for often. Forward only.

-- the few entries of a log that tell of the run itself, among many that tell of its items: the timeline reads the last of them
create index entry_told on entry (log, xid desc, seq desc)
  where line like '%"kind":"run"%' or line like '%"kind":"wave"%' or line like '%"kind":"exception"%' or line like '%"kind":"sign-off"%'
     or line like '%"kind":"approval"%' or line like '%"kind":"handover"%';
