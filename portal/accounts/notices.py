"""Which e-mails a person wants beside their postbox. Kinds are words of the mailbox; unknown ones are always sent."""

from portal.accounts.models import Preferences, User

CHOICES = {
    "message": "mail_message",
    "status": "mail_status",
    "payment": "mail_payment",
    "appointment": "mail_appointment",
}


def wanted(user: User, kind: str) -> bool:
    """Whether a notice about this kind of message goes out. Without a row of wishes: yes."""
    column = CHOICES.get(kind)
    return column is None or not Preferences.objects.filter(user=user, **{column: False}).exists()
