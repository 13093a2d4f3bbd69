"""The steps: each task is retries plus one call into the ledger, which owns its transaction."""
