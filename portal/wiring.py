"""Who hears what, and what is swept: plain data, the whole house on one page."""

# outbox topic -> handler(key). Handlers touch the database only and tolerate repetition.
HANDLERS: dict[str, str] = {}

# Looked at every few seconds, in this order; each function finds stuck rows by age and returns how many it moved.
SWEEPS: list[str] = [
    "portal.audit.actions.link",
    "portal.documents.actions.sweep_files",  # brakes itself: once in six hours
]
