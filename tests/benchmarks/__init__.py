"""`make bench`: how fast the ledger is, beside the shortest SQL that could do the same."""
