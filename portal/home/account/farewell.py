"""Deleting an account. What must stay (closed case files, bookings, consents) stays under a random number.

Personal data end with their keys: the person's own key (profile, second factors) and that of the postbox, unless case
files need its messages until their own retention ends.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.utils.translation import gettext as _

from appointments import queries as appointments
from forms_engine.cases import queries as cases
from forms_engine.submissions import actions as drafts
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.states import NotOpen
from mailbox import actions as mailbox
from payments import queries as payments
from payments.states import ReceivableState
from portal.accounts import keys, mandates, sign_ins
from portal.accounts.identity.models import ExternalIdentity, PendingSignIn
from portal.accounts.models import PersonDatum, Preferences, SignIn, User
from portal.audit import actions as audit
from portal.home.contact import actions as contact


class Refused(Exception):
    """The account is needed. `reasons` are German sentences that say what to do first."""

    def __init__(self, reasons: list[str]):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def obstacles(user: User) -> list[str]:
    """What has to be done before the account can go; empty if nothing."""
    held = list(cases.for_applicant(user))
    open_cases = [case.number for case in held if case.is_open]
    owed = [r for r in payments.for_person(user) if r.state == ReceivableState.OPEN or payments.under_way(r)]
    found = []
    if user.is_staff or user.roles.exists():
        found.append(_("Ihr Konto gehört zu Ihrem Arbeitsplatz. Wenden Sie sich an den Betrieb."))
    if open_cases:
        numbers = ", ".join(open_cases)
        found.append(
            _("Diese Anträge laufen noch: %(numbers)s. Warten Sie die Entscheidung ab oder ziehen Sie sie zurück.")
            % {"numbers": numbers}
        )
    if owed:
        found.append(_("Eine Zahlung ist noch offen. Bezahlen Sie zuerst."))
    if appointments.upcoming(user).exists():
        found.append(_("Sie haben noch einen Termin. Sagen Sie ihn zuerst ab."))
    return found


def delete(user: User, *, by: str) -> None:
    """All in one transaction. `by` is a public id or "system:<part>". Raises Refused; a second call changes nothing."""
    with transaction.atomic():
        # Not the strongest lock: what is being sent elsewhere refers to this row and must be able to finish.
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not locked.is_active and locked.email == _pseudonym(locked):
            return
        if reasons := obstacles(locked):
            raise Refused(reasons)
        _discard_drafts(locked, by)
        mandates.revoke_all(locked)
        keeps_files = cases.for_applicant(locked).exists()
        mailbox.forget(locked, keep_messages=keeps_files)
        sign_ins.end_all(locked)
        # With their links to BayernID and others gone, a person may come again as somebody new.
        for rows in (SignIn, PersonDatum, Preferences, Authenticator, EmailAddress, ExternalIdentity, PendingSignIn):
            rows.objects.filter(user=locked).delete()
        contact.forget(locked)
        keys.destroy(locked)
        locked.email, locked.given_name, locked.family_name = _pseudonym(locked), "", ""
        locked.is_active = False
        locked.set_unusable_password()
        locked.save(update_fields=["email", "given_name", "family_name", "is_active", "password"])
        audit.record("account.deleted", f"user:{locked.public_id}", by, case_files_kept=keeps_files)


def _discard_drafts(user: User, by: str) -> None:
    try:
        for draft in submissions.open_drafts(user):
            drafts.discard(draft, by=by)
    except NotOpen:  # sent in another window while we waited for it: now there is a case
        raise Refused([_("In einem anderen Fenster hat sich etwas geändert. Versuchen Sie es noch einmal.")]) from None


def _pseudonym(user: User) -> str:
    return f"geloescht-{user.public_id}@konto.invalid"
