"""What the house holds about one person, part by part (portal.home.account.dossier).

Each part reads by the person, never by an id from outside. What was destroyed is named, not left out.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from allauth.mfa.models import Authenticator

from appointments import queries as appointments
from forms_engine.cases import queries as cases
from forms_engine.cases import readings as log
from forms_engine.cases.models import Case
from forms_engine.submissions import queries as submissions
from forms_engine.submissions.models import Submission, SubmissionFile
from mailbox.exchange import queries as exchange
from mailbox.letters import Opener
from mailbox.models import Message
from mailbox.topics import queries as topics
from payments import queries as payments
from portal.accounts import consents, mandates, notices, profile, sign_ins
from portal.accounts.models import Preferences, User
from portal.accounts.parties import companies
from portal.accounts.parties.models import Matter
from portal.common import clock, crypto
from portal.documents.models import StoredFile
from portal.home.models import Question

File = tuple[str, StoredFile]  # path in the archive, content
Part = Callable[[User], Any]
GONE = "gelöscht"
LOCKED = "gesperrt: Die Virenprüfung hat diese Datei noch nicht freigegeben."


def _account(user: User) -> Mapping[str, Any]:
    wishes = Preferences.objects.filter(user=user).first() or Preferences(user=user)
    return {
        "erstellt": clock.now(),
        "kennung": user.public_id,
        "angelegt": user.created_at,
        "angaben": [
            {"angabe": str(d.label), "wert": d.value, "quelle": d.source_text, "vertrauensniveau": d.level.label}
            for d in profile.of(user)
        ],
        "sprache": wishes.get_language_display(),
        "grossdruck": wishes.large_print,
        "gebaerdensprache": wishes.sign_language,
        "hinweis_bei_neuem_geraet": wishes.tell_new_device,
        "e_mails": {kind: getattr(wishes, column) for kind, column in notices.CHOICES.items()},
        "einwilligungen": [{"worum": s.text.title, "erteilt": s.given, "am": s.at} for s in consents.of(user)],
        "zweite_nachweise": [
            {"art": a.type, "angelegt": a.created_at, "zuletzt": a.last_used_at}
            for a in Authenticator.objects.filter(user=user)
        ],
    }


def _sign_ins(user: User) -> list[Mapping[str, Any]]:
    return [{"am": s.at, "geraet": s.device, "womit": s.get_method_display()} for s in sign_ins.history(user)]


def _mandates(user: User) -> list[Mapping[str, Any]]:
    return [
        {
            "fuer": str(m.principal),
            "durch": str(m.agent),
            "umfang": m.get_scope_display(),
            "art": m.get_kind_display(),
            "rolle": m.get_role_display() if m.role else "",
            "leistungen": m.services,
            "erhaelt_post": m.takes_post,
            "nachweis": m.get_evidence_display(),
            "ab": m.starts,
            "bis": m.ends,
            "beendet": m.revoked_at,
        }
        for m in mandates.of(user)
    ]


def _companies(user: User) -> list[Mapping[str, Any]]:
    """Of which the person is a member today."""
    facts = ("legal_form", "register_court", "register_number", "vat_id", "street", "postcode", "place")
    return [
        {"name": str(m.principal)} | {fact: getattr(m.principal.company, fact) for fact in facts}
        for m in companies.of(user)
    ]


def _matters(user: User) -> list[Mapping[str, Any]]:
    """What others did for the person."""
    rows = Matter.objects.filter(principal=user).order_by("id")
    return [{"kennung": row.key, "leistung": row.service, "begonnen": row.opened_at} for row in rows]


def _identities(user: User) -> list[Mapping[str, Any]]:
    rows = user.identities.order_by("id")
    return [
        {"anbieter": i.provider, "verknuepft": i.linked_at, "zuletzt": i.used_at, "niveau": i.get_level_display()}
        for i in rows
    ]


def _drafts(user: User) -> list[Mapping[str, Any]]:
    return [
        {"formular": d.form_version.form.title, "begonnen": d.created_at, "antworten": submissions.contents(d).answers}
        for d in submissions.open_drafts(user)
    ]


def _cases(user: User) -> list[Mapping[str, Any]]:
    return [
        {
            "aktenzeichen": case.number,
            "leistung": case.title,
            "eingegangen": case.received_at,
            "stand": case.get_status_display(),
            "antworten": _answers(case.submission),
            "verlauf": [{"am": entry.at, "was": entry.title} for entry in cases.timeline(case)],
        }
        for case in cases.for_party(user)
    ]


def _answers(submission: Submission) -> Any:
    try:
        return submissions.answers(submission)
    except crypto.KeyDestroyed:
        return GONE


def _messages(user: User) -> list[Mapping[str, Any]]:
    opener = Opener()
    rows = Message.objects.of(user).select_related("mailbox__user").prefetch_related("attachments__stored", "replies")
    letters = [opener.shown_letter(message) for message in rows.order_by("created_at", "id")]
    return [
        {"am": x.created_at, "von": x.sender, "betreff": x.subject, "text": x.body, "zuerst_gelesen": x.first_read_at}
        for x in letters
    ]


def _payments(user: User) -> list[Mapping[str, Any]]:
    return [
        {
            "kassenzeichen": owed.kassenzeichen,
            "zweck": owed.purpose,
            "betrag_in_cent": owed.amount_cents,
            "stand": owed.get_state_display(),
            "faellig": owed.due_on,
        }
        for owed in payments.for_person(user)
    ]


def _appointments(user: User) -> list[Mapping[str, Any]]:
    rows = [*appointments.upcoming(user), *appointments.past(user)]
    return [{"nummer": row.number, "anliegen": row.offering.title, "beginn": row.starts} for row in rows]


def _readings(user: User) -> list[Mapping[str, Any]]:
    return [
        {"am": r.at, "wer": r.who, "was": r.what, "warum": r.why, "vorgang": r.number} for r in log.everything(user)
    ]


def _questions(user: User) -> list[Mapping[str, Any]]:
    return [
        {"nummer": q.number, "gestellt": q.created_at, "frage": q.opened("text"), "antwort": q.opened("answer")}
        for q in Question.objects.filter(asked_by=user, disposed_at=None).order_by("id")
    ]


def _rooms(user: User) -> list[Mapping[str, Any]]:
    """The files stay where the person gets them at any time: they may be larger than any archive should be."""
    return [
        {
            "zweck": heading.purpose or GONE,
            "eroeffnet": heading.room.opened_at,
            "ablauf": heading.room.expires_at,
            "dateien": heading.files,
            "gaeste": heading.guests,
            "protokoll": [
                {"am": entry.at, "ereignis": entry.event, "wer": entry.who, "was": entry.what}
                for entry in exchange.log(heading.room)
            ],
        }
        for heading in exchange.headings(user)
    ]


PARTS: Mapping[str, Part] = {
    "konto": _account,
    "anmeldungen": _sign_ins,
    "vertretungen": _mandates,
    "unternehmen": _companies,
    "in_vertretung": _matters,
    "nutzerkonten": _identities,
    "entwuerfe": _drafts,
    "vorgaenge": _cases,
    "nachrichten": _messages,
    "newsletter": topics.of_account,
    "datenaustausch": _rooms,
    "zahlungen": _payments,
    "termine": _appointments,
    "fragen": _questions,
    "zugriffe": _readings,
}


def files(user: User) -> Iterator[File]:
    """Each file of the person once, below the number of its case or "entwuerfe"."""
    for draft in submissions.open_drafts(user):
        for group in submissions.present_uploads(draft).values():
            for upload in group:
                yield f"entwuerfe/{upload.public_id}-{_safe(upload.name)}", upload.stored
    for case in cases.for_party(user):
        folder = f"vorgaenge/{_safe(case.number)}"
        yield from _case_files(case, folder)


def _case_files(case: Case, folder: str) -> Iterator[File]:
    for file in cases.files(case):
        yield f"{folder}/{file.public_id}-{_safe(_name(file))}", file.stored
    for document in case.documents.select_related("stored").order_by("id"):
        yield f"{folder}/nachgereicht-{document.public_id}", document.stored
    for paper in cases.papers(case):
        if paper.stored:
            yield f"{folder}/{paper.slug}-{paper.pk}.pdf", paper.stored


def _name(file: SubmissionFile) -> str:
    try:
        return file.name
    except crypto.KeyDestroyed:
        return GONE


def _safe(name: str) -> str:
    """A file name of any system: no folders, no control characters."""
    return (
        "".join(letter if letter.isalnum() or letter in "-_. " else "_" for letter in name)[-80:].strip(". ") or "datei"
    )
