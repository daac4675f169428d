-- What a run's log tells of one item, read without the rest of a million lines. A line names its item as "item":"…", which no text inside a JSON
-- string can hold unescaped. A hash keeps the index at 8 bytes a line, however long a name is; the reader compares the name itself. Forward only.
create index entry_item on entry (log, hashtextextended(split_part(split_part(line, '"item":"', 2), '"', 1), 0));
