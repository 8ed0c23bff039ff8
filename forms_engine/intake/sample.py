"""Two invented mails for the demo, so that the clerks' pile is not empty."""

from email.message import EmailMessage

from forms_engine.intake.models import Source
from forms_engine.intake.receiving import receive

MAILS = (
    (
        "Frage zum Parkausweis",
        "Guten Tag,\n\nich ziehe im nächsten Monat um. Gilt mein Ausweis weiter?\n\nErika Muster",
    ),
    ("Unterlagen", "Guten Tag,\n\nanbei die Bescheinigung, um die Sie gebeten haben.\n\nMax Muster"),
)


def seed_demo() -> None:
    """Again: nothing changes."""
    for number, (subject, text) in enumerate(MAILS, 1):
        message = EmailMessage()
        message["From"], message["To"] = f"person{number}@demo.invalid", "eingang@stadt.invalid"
        message["Subject"], message["Message-ID"] = subject, f"<demo-{number}@demo.invalid>"
        message["Auto-Submitted"] = "auto-generated"  # nobody is written to
        message.set_content(text)
        receive(Source.MAIL, message.as_bytes(), name=f"demo:{number}")
