"""The back office: what becomes of a submission, its days, and what citizens ask about it."""
