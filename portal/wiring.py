"""Who hears what, and what is swept: plain data, the whole house on one page."""

# outbox topic -> handler(key). Handlers touch the database only and tolerate repetition.
HANDLERS: dict[str, str] = {
    "selftest": "portal.selftest.heard",
    "payment.settled": "forms_engine.cases.handlers.payment_settled",
    "mailbox.replied": "forms_engine.cases.handlers.citizen_replied",
    "delivery.finished": "forms_engine.cases.handlers.notice_sent",
    "notice.failed": "forms_engine.cases.handlers.notice_failed",
    "appointment.moved": "forms_engine.cases.handlers.appointment_moved",
    "appointment.cancelled": "forms_engine.cases.handlers.appointment_cancelled",
    "account.off_duty": "forms_engine.cases.handlers.off_duty",
    "file.infected": "forms_engine.cases.handlers.file_infected",
}

# Looked at every few seconds, in this order; each function finds stuck rows by age and returns how many it moved.
SWEEPS: list[str] = [
    "forms_engine.cases.papers.sweep_papers",
    "forms_engine.cases.fees.sweep_withdrawn",
    "forms_engine.cases.strangers.sweep_notices",
    "payments.actions.sweep_payments",
    "mailbox.actions.sweep_notices",
    "forms_engine.submissions.actions.sweep_drafts",
    "forms_engine.submissions.arrivals.sweep_arrivals",
    "forms_engine.submissions.links.sweep_links",
    "forms_engine.submissions.surveys.sweep_texts",
    "portal.accounts.identity.actions.sweep",
    "portal.home.account.merge.sweep",
    "portal.documents.scans.queue.sweep_scans",
    "portal.documents.sweeping.sweep_files",
    "forms_engine.definitions.actions.sweep_due",
    "portal.home.actions.sweep_reports",
    "portal.home.contact.actions.sweep_mails",
    "portal.home.contact.actions.sweep_questions",
    "portal.accounts.sign_ins.sweep_notices",
    "portal.accounts.mandates.sweep_invitations",
    "portal.accounts.sign_ins.sweep_history",
    "portal.accounts.limits.sweep_attempts",
    "portal.audit.actions.link",
]
