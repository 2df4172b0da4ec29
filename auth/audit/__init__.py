"""The access log (访问日志): nobody looks without a trace. Append-only, hash-chained, synced before an answer leaves.

    record      what is written down of a request: coordinates, pseudonyms and counts, never a value
    notice      what the log says of itself
    chain       one line per record, each holding the hash of the one before
    tree        the Merkle tree over the records (RFC 9162)
    files       what the log asks of the file system
    lock        who writes there
    reader      the records of a directory, in order
    follow      the same, batch by batch while the log grows: for shipping
    repair      where a log ends after a crash
    segments    one batch of records → one sync; what to do when the disk refuses
    writer      many waiting requests, one writer thread
    denials     refusals, summarised when they come in floods
    checkpoint  signed roots, handed to witnesses every second
    witness     who keeps them
    witnessed   whether a log is still the one that witnesses know
    proof       that a record is in a checkpoint
    verify      the independent check: imports nothing of the above

A directory holds the log of one process at a time:

    0000000000000001.log    segments, named for their first record's sequence
    reserve                 space for when the disk is full
    lock                    held by the process that writes
    *.torn                  what a crash left behind the last good record
"""
