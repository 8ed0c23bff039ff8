"""Deleting an account. What must stay (closed case files, bookings, consents) stays under a random number.

Personal data end with their keys: the person's own key (profile, second factors) and that of the postbox, unless case
files need its messages until their own retention ends.
"""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.db import models, transaction
from django.utils.translation import gettext as _

from appointments import queries as appointments
from forms_engine.cases import queries as cases
from forms_engine.submissions import actions as drafts
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import NotOpen
from mailbox import leaving as mailbox
from mailbox.exchange import actions as exchange
from mailbox.topics import actions as topics
from payments import queries as payments
from portal.accounts import keys, mandates, sign_ins
from portal.accounts.identity.models import ExternalIdentity, PendingSignIn
from portal.accounts.models import PersonDatum, Preferences, SignIn, User
from portal.accounts.parties import companies, wards
from portal.accounts.parties.models import Company
from portal.audit import actions as audit
from portal.home.contact import actions as contact


class Refused(Exception):
    """The account is needed. `reasons` are German sentences that say what to do first."""

    def __init__(self, reasons: list[str]):
        super().__init__(" ".join(reasons))
        self.reasons = reasons


def open_matters(user: User) -> list[str]:
    """What still runs for a person or a company; empty if nothing."""
    open_cases = [case.number for case in cases.for_party(user) if case.is_open]
    owed = [r for r in payments.for_person(user) if payments.unsettled(r)]
    found = []
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


def obstacles(user: User) -> list[str]:
    """What has to be done before the account can go; empty if nothing."""
    found = open_matters(user)
    if user.is_staff or user.roles.exists():
        found.append(_("Ihr Konto gehört zu Ihrem Arbeitsplatz. Wenden Sie sich an den Betrieb."))
    for ward in wards.only_represented_by(user):
        found += [f"{ward}: {reason}" for reason in open_matters(ward)]
    for name in companies.only_owned_by(user):
        found.append(
            _("„%(name)s“ hätte keine Inhaberin und keinen Inhaber mehr. Geben Sie die Rolle zuerst weiter.")
            % {"name": name}
        )
    return found


def close_company(company: Company, *, by: User) -> None:
    """Ends a company's account with all memberships; begun drafts go. Raises Refused and companies.Refused."""
    with transaction.atomic():
        account = company.account
        _discard(submissions.open_drafts_for(account), str(by.public_id))  # waits for what is just being sent
        if reasons := open_matters(account):
            raise Refused(reasons)
        companies.close(company, by=by)


def delete(user: User, *, by: str) -> None:
    """All in one transaction. `by` is a public id or "system:<part>". Raises Refused; a second call changes nothing."""
    with transaction.atomic():
        # Not the strongest lock: what is being sent elsewhere refers to this row and must be able to finish.
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if not locked.is_active and locked.email == _pseudonym(locked):
            return
        # Before the question what still runs: this waits for what is being sent, and then there is a case to be seen.
        _discard(submissions.drafts_of(locked), by)
        if reasons := obstacles(locked):
            raise Refused(reasons)
        for ward in wards.only_represented_by(locked):
            _erase(ward)
        mandates.revoke_all(locked)
        sign_ins.end_all(locked)
        case_files_kept = cases.with_letters_of(locked)
        _erase(locked)
        audit.record("account.deleted", f"user:{locked.public_id}", by, case_files_kept=case_files_kept)


def _erase(user: User) -> None:
    """What is personal goes with its key; what case files need stays under a number."""
    topics.forget(user)
    mailbox.forget(user, keep_messages=cases.with_letters_of(user))
    exchange.end_all(user)
    # With their links to BayernID and others gone, a person may come again as somebody new.
    for rows in (SignIn, PersonDatum, Preferences, Authenticator, EmailAddress, ExternalIdentity, PendingSignIn):
        rows.objects.filter(user=user).delete()
    contact.forget(user)
    keys.destroy(user)
    user.email, user.given_name, user.family_name = _pseudonym(user), "", ""
    user.is_active = False
    user.set_unusable_password()
    user.save(update_fields=["email", "given_name", "family_name", "is_active", "password"])


def _discard(begun: models.QuerySet[Draft], by: str) -> None:
    try:
        for draft in begun:
            drafts.discard(draft, by=by)
    except NotOpen:  # sent in another window while we waited for it: now there is a case
        raise Refused([_("In einem anderen Fenster hat sich etwas geändert. Versuchen Sie es noch einmal.")]) from None


def _pseudonym(user: User) -> str:
    return f"geloescht-{user.public_id}@konto.invalid"
