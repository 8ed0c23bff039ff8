"""Two accounts that turn out to be one person's: what moves, what forbids it, and the way back for thirty days.

Only what can go back moves: ways to sign in and unfinished applications. Case files, letters, payments, appointments
and mandates name the account in places that must not change (immutable submissions, sealed messages, the ledger):
with any of them the answer is an honest no, and both accounts stay as they are.
"""

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy

from appointments import queries as appointments
from forms_engine.cases import queries as cases
from forms_engine.submissions import actions as drafts
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Draft
from forms_engine.submissions.states import NotOpen
from mailbox import queries as mailbox
from payments import queries as payments
from portal.accounts import mandates, sign_ins
from portal.accounts.identity.models import UNDO, AccountMerge, ExternalIdentity, PendingSignIn
from portal.accounts.models import User
from portal.audit import actions as audit
from portal.common import clock
from portal.home.account import farewell
from portal.home.account.farewell import Refused

CHANGED = _lazy("In einem anderen Fenster hat sich etwas geändert. Versuchen Sie es noch einmal.")


def obstacles(kept: User, left: User) -> list[str]:
    """Why the accounts cannot become one; empty if they can."""
    found = []
    if any(user.is_staff or user.roles.exists() or not user.is_active for user in (kept, left)):
        found.append(_("Eines der Konten gehört zu einem Arbeitsplatz oder ist gesperrt."))
    if cases.with_letters_of(left) or payments.for_person(left):
        found.append(_("Im anderen Konto gibt es Anträge, die schon abgeschickt sind."))
    if mailbox.holds_anything(left):
        found.append(_("Im anderen Konto gibt es Nachrichten."))
    if appointments.upcoming(left).exists():
        found.append(_("Im anderen Konto gibt es einen Termin."))
    if mandates.of(left).exists():
        found.append(_("Das andere Konto vertritt jemanden oder wird vertreten."))
    if _forms(kept) & _forms(left):
        found.append(_("In beiden Konten gibt es einen Entwurf für dasselbe Formular. Löschen Sie einen davon."))
    if _providers(kept) & _providers(left):
        found.append(_("Beide Konten sind mit demselben Anbieter verknüpft, aber mit verschiedenen Personen."))
    return found


def merge(kept: User, left: User) -> AccountMerge:
    """The person's wish, after sign-ins to both. Raises Refused; then nothing has changed."""
    by = str(kept.public_id)
    try:
        with transaction.atomic():
            locked = {user.pk: user for user in _lock(kept.pk, left.pk)}
            kept, left = locked[kept.pk], locked[left.pk]
            if reasons := obstacles(kept, left):
                raise Refused(reasons)
            keys, papers = _move_identities(left, kept), _move_drafts(left, kept, by)
            made = AccountMerge.objects.create(kept=kept, left=left, moved={"identities": keys, "drafts": papers})
            left.is_active = False
            left.save(update_fields=["is_active"])
            PendingSignIn.objects.filter(user=left).delete()
            sign_ins.end_all(left)
            other = str(left.public_id)
            audit.record("account.merged", f"user:{kept.public_id}", by, other=other, drafts=len(papers))
            return made
    except (NotOpen, IntegrityError):
        raise Refused([str(CHANGED)]) from None


def undo(made: AccountMerge, *, by: User) -> None:
    """Everything back that is still there; applications sent meanwhile stay. Raises Refused."""
    with transaction.atomic():
        locked = {user.pk: user for user in _lock(made.kept_id, made.left_id)}
        kept, left = locked[made.kept_id], locked[made.left_id]
        made = AccountMerge.objects.select_for_update().get(pk=made.pk)
        if made.undone_at or made.finished_at or made.undo_until <= clock.now():
            raise Refused([_("Die Frist ist vorbei. Das andere Konto gibt es nicht mehr.")])
        going = ExternalIdentity.objects.filter(pk__in=made.moved["identities"], user=kept)
        if not (kept.has_usable_password() or kept.identities.exclude(pk__in=going).exists()):
            raise Refused([_("Legen Sie zuerst ein Passwort fest. Sonst könnten Sie sich hier nicht mehr anmelden.")])
        if not (left.has_usable_password() or going.exists()):
            raise Refused([_("In das andere Konto käme niemand mehr: Die Verknüpfung wurde inzwischen gelöst.")])
        going.update(user=left)
        try:
            for draft in Draft.objects.open().of(kept).filter(public_id__in=made.moved["drafts"]):
                drafts.hand_over(draft, to=left, by=str(by.public_id))
        except NotOpen:
            raise Refused([str(CHANGED)]) from None
        made.undone_at = clock.now()
        made.save(update_fields=["undone_at"])
        left.is_active = True
        left.save(update_fields=["is_active"])
        audit.record("account.merge_undone", f"user:{kept.public_id}", str(by.public_id), other=str(left.public_id))


def sweep() -> int:
    """Deletes accounts that were left thirty days ago, or whose other half was deleted. Returns how many."""
    waiting = AccountMerge.objects.filter(undone_at=None, finished_at=None)
    due = waiting.filter(at__lte=clock.now() - UNDO) | waiting.filter(kept__is_active=False)
    return sum(_finish(made) for made in due.select_related("left"))


def _finish(made: AccountMerge) -> bool:
    with transaction.atomic():
        if not AccountMerge.objects.filter(pk=made.pk, undone_at=None, finished_at=None).update(
            finished_at=clock.now()
        ):
            return False
        farewell.delete(made.left, by="system:merge")
    return True


def _lock(*numbers: int) -> list[User]:
    """Both rows, always in the same order. Not the strongest lock: what refers to them must be able to finish."""
    return list(User.objects.select_for_update(no_key=True).filter(pk__in=numbers).order_by("pk"))


def _forms(user: User) -> set[tuple[int, int | None]]:
    return set(submissions.open_drafts(user).values_list("form_version__form_id", "acting_for_id"))


def _providers(user: User) -> set[str]:
    return set(user.identities.values_list("provider", flat=True))


def _move_identities(left: User, kept: User) -> list[int]:
    numbers = list(left.identities.values_list("pk", flat=True))
    ExternalIdentity.objects.filter(pk__in=numbers).update(user=kept)
    return numbers


def _move_drafts(left: User, kept: User, by: str) -> list[str]:
    moving = list(submissions.open_drafts(left))
    for draft in moving:
        drafts.hand_over(draft, to=kept, by=by)
    return [str(draft.public_id) for draft in moving]
