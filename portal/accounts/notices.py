"""Which e-mails a person wants beside their postbox, and when. Kinds: words of the mailbox; others go at once."""

from portal.accounts.models import MailWhen, Preferences, User

CHOICES = {
    "message": "mail_message",
    "status": "mail_status",
    "payment": "mail_payment",
    "appointment": "mail_appointment",
}


def when(user: User, kind: str) -> MailWhen:
    """When a notice about this kind of message goes out. Without a row of wishes: at once."""
    column = CHOICES.get(kind)
    wish = Preferences.objects.filter(user=user).values_list(column, flat=True).first() if column else None
    return MailWhen(wish or MailWhen.NOW)
