"""Cases sent without an account: a mail says that there is news, number and code open it (status_page.py)."""

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from forms_engine.cases.models import Case
from forms_engine.submissions import queries as answers
from portal.accounts import mails


def address(case: Case) -> str:
    """Where to tell somebody without an account that there is news; "" if nowhere."""
    field = case.definition.meaning.email
    if case.party is not None or field is None:
        return ""
    return str(answers.answers(case.submission).get(field) or "")


def sweep_notices() -> int:
    """Sends the mails that are due; each try is counted on the case. Returns how many went out."""
    return mails.send_due(Case.objects.for_pages().filter(applicant=None), _mail)


def _mail(case: Case) -> mails.Mail:
    """Neither number nor code nor service: a mail is read by others, too."""
    context = {"url": settings.PUBLIC_URL, "city": settings.CITY}
    return mails.Mail(address(case), _("Es gibt Neues zu Ihrer Meldung"), render_to_string("mail/news.txt", context))
