"""What people without an account have left behind: a question to the city, an opinion on a page."""

from django.core import signing

from portal.directory import actions as directory
from portal.directory.models import Service
from portal.home import opinions
from portal.home.contact import actions as questions


def leave_something() -> dict[str, str]:
    asked = questions.ask(text="Gilt der Ausweis auch für Motorräder?", once="a", mail="fremd@stadt.invalid")
    opinion = directory.note_opinion(Service.objects.get(slug="bewohnerparkausweis"), helpful=True)
    return {
        "question": str(asked.public_id),
        "question_ticket": questions.ticket(asked),
        "opinion": signing.dumps(opinion.pk, salt=opinions.SALT),
    }
