"""The e-mails of a room: no purpose, no name of a file or a person. Who gets one finds the rest behind the link."""

from django.conf import settings
from django.template.loader import render_to_string

from mailbox.exchange.models import MailKind, RoomMail
from mailbox.exchange.vault import Vault
from portal.accounts import mails

SUBJECTS = {
    MailKind.INVITATION: "Einladung zum Datenaustausch",
    MailKind.CODE: "Ihr Code für den Datenaustausch",
    MailKind.NEWS: "Neues im Datenaustausch",
}
# Kept from out-of-office answers and mail loops (RFC 3834, section 5).
HEADERS = {"Auto-Submitted": "auto-generated"}


def send_due() -> int:
    """Sends what is owed. Returns how many went out."""
    return mails.send_due(RoomMail.objects.select_related("room__owner", "to"), _compose)


def _compose(mail: RoomMail) -> mails.Mail:
    kind = MailKind(mail.kind)
    return mails.Mail(_address(mail), SUBJECTS[kind], _text(mail, kind), HEADERS)


def _address(mail: RoomMail) -> str:
    """Empty, so that nothing is sent: the room has ended, or the guest is no longer welcome."""
    if not mail.room.is_open or (mail.to and mail.to.revoked_at):
        return ""
    return Vault(mail.room).address(mail.to) if mail.to else mail.room.owner.mail_address


def _text(mail: RoomMail, kind: MailKind) -> str:
    if not mail.room.is_open:
        return ""
    secret = Vault(mail.room).secret(mail)
    where = f"/austausch/einladung/{secret}/" if kind == MailKind.INVITATION else f"/austausch/{mail.room}/"
    context = {"link": f"{settings.PUBLIC_URL}{where}", "code": secret, "to_owner": mail.to is None}
    return render_to_string(f"mail/exchange_{kind.value}.txt", context)


def forget_secrets() -> int:
    """A secret is needed until its mail has gone out (or never will), and not a moment longer."""
    return RoomMail.objects.filter(notice_due_at=None, sealed_secret__isnull=False).update(sealed_secret=None)


def sweep() -> int:
    return send_due() + forget_secrets()
