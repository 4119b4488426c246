"""Tables by themselves: from raw records to tables, columns and types that nobody declared.

    inference       the course: two walks over the raw files, with the stored tables in between
    raw_records     raw files -> records, in every format
    shapes          which fields there are; kinds: which types fit what they hold
    planning        which tables and columns they become; naming, and the memory of what is stored
    widening        the stored tables gain columns, and wider types
    flattening      records -> rows, written by values; spooling: where these wait
    identity        what identifies a record; concealing: what is dropped or hashed

Here belongs what is found out from the data. Merging the rows is the same as for declared tables.
"""
