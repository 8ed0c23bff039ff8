"""Book, move and cancel: one transaction each, and one winner for each counter and time.

Two defences, both needed (docs/adr/0005): the row lock on the counter lets contenders pass one after the other, so that
64 people who press the same button get 63 quick answers instead of a pile of waiting inserts; the exclusion constraint
refuses whatever comes past the lock. A contender holds one counter at a time: rolling back the savepoint lets it go.
"""

import datetime as dt
from collections.abc import Callable
from typing import TypeVar

import psycopg
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django_stubs_ext import StrOrPromise
from psycopg.types.range import Range

from appointments import availability, queries
from appointments.availability import Obstacle
from appointments.models import (
    NO_DOUBLE_BOOKING,
    ONE_LIVE,
    ONE_PER_KEY,
    Appointment,
    AppointmentEvent,
    Counter,
    Offering,
)
from appointments.states import State, advance
from portal.accounts.models import User
from portal.audit.actions import record
from portal.common import clock
from portal.directory.models import Office
from portal.outbox.relay import publish

Kind = AppointmentEvent.Kind
T = TypeVar("T")


class BookingRefused(Exception):
    """The wish cannot be fulfilled; `sentence` tells the person what to do, `alternatives` are free starts."""

    def __init__(self, sentence: StrOrPromise, alternatives: list[dt.datetime] | None = None):
        super().__init__(sentence)
        self.sentence = str(sentence)
        self.alternatives = alternatives or []


class SlotTaken(BookingRefused):
    """Nobody did anything wrong: someone else was faster."""


class NotOffered(BookingRefused):
    """The start is none of those on offer: past, closed, outside the hours, or made up."""


class AlreadyBooked(BookingRefused):
    """This subject has an appointment ahead: `appointment`."""

    def __init__(self, appointment: Appointment):
        super().__init__(_("Sie haben hierfür schon einen Termin. Sagen Sie ihn ab oder verschieben Sie ihn."))
        self.appointment = appointment


class TooLate(BookingRefused):
    """The appointment has begun, is over or was called off."""


_NOT_OFFERED = {
    Obstacle.PAST: _lazy("Diese Zeit ist schon vorbei. Wählen Sie eine spätere Zeit."),
    Obstacle.TOO_SOON: _lazy("Diese Zeit beginnt zu bald. Wählen Sie eine spätere Zeit."),
    Obstacle.TOO_FAR: _lazy("So weit im Voraus vergeben wir keine Termine. Wählen Sie eine frühere Zeit."),
    Obstacle.CLOSED: _lazy("An diesem Tag ist die Dienststelle geschlossen. Wählen Sie einen anderen Tag."),
    Obstacle.OUTSIDE_HOURS: _lazy("Zu dieser Zeit ist die Dienststelle geschlossen. Wählen Sie eine andere Zeit."),
    Obstacle.OFF_GRID: _lazy("Zu dieser Zeit beginnt kein Termin. Wählen Sie eine Zeit aus der Liste."),
}
_TAKEN = _lazy("Diese Zeit hat gerade jemand anderes gebucht. Wählen Sie eine andere Zeit.")


def book(
    *,
    offering: Offering,
    start: dt.datetime,
    holder: User,
    subject: str,
    idempotency_key: str,
    by: User | None = None,
) -> Appointment:
    """Book one free counter from `start` (aware) in the caller's transaction, or in one of its own.

    The same holder and idempotency key give the same appointment, however often and however parallel they ask.
    `subject` is opaque ("case:<uuid>") and has at most one appointment ahead per offering. `by`: who books, if not the
    holder.
    Raises SlotTaken (with .alternatives), NotOffered or AlreadyBooked; then nothing has changed and the caller's
    transaction goes on. Publishes nothing: who books knows at once, and nobody else has to hear.
    """
    wish = offering, start.astimezone(dt.UTC), holder, subject, idempotency_key, by or holder
    with transaction.atomic():
        try:
            return _twin_or_new(*wish)
        except IntegrityError as error:
            if _constraint(error) not in (ONE_LIVE, ONE_PER_KEY):
                raise
            return _twin_or_new(*wish)  # a twin was faster; what it wrote is visible now


def _twin_or_new(offering: Offering, start: dt.datetime, holder: User, subject: str, key: str, by: User) -> Appointment:
    if twin := _known(holder, key, offering, subject):
        return twin
    try:
        return _book(offering, start, holder, subject, key, by)
    except BookingRefused:
        # A second press of the same button: the first one has won meanwhile, and both mean the same booking.
        if twin := _known(holder, key, offering, subject):
            return twin
        raise


def _known(holder: User, key: str, offering: Offering, subject: str) -> Appointment | None:
    # Keys come from hidden fields: within one person, offering and subject, so that a copied key opens nothing.
    rows = Appointment.objects.with_place().filter(holder=holder, offering=offering, subject=subject)
    return rows.filter(idempotency_key=key).first()


def _book(offering: Offering, start: dt.datetime, holder: User, subject: str, key: str, by: User) -> Appointment:
    _check_subject(subject, offering)
    _check_offered(offering, start)
    during = _stretch(offering, start)

    def insert(counter: Counter) -> Appointment:
        return Appointment.objects.create(
            offering=offering,
            counter=counter,
            holder=holder,
            during=during,
            number=availability.waiting_number(counter.number, start),
            subject=subject,
            idempotency_key=key,
        )

    appointment = _claim(offering, start, insert)
    _write_down(appointment, Kind.BOOKED, str(by.public_id))
    return appointment


def _check_subject(subject: str, offering: Offering) -> None:
    """Refuse a second appointment ahead. One that is over makes room: nobody has to tidy up first."""
    rows = Appointment.objects.with_place().select_for_update(of=("self",), no_key=True)
    live = rows.filter(subject=subject, offering=offering, state=State.BOOKED).first()
    if live is None:
        return
    if clock.now() < live.ends:
        raise AlreadyBooked(live)
    if advance(live, State.ELAPSED):
        _note(live, Kind.ELAPSED, "system:appointments")


def _check_offered(offering: Offering, start: dt.datetime) -> None:
    if not offering.active:
        raise NotOffered(_("Hierfür vergeben wir zurzeit keine Termine. Rufen Sie die Dienststelle an."))
    day = clock.local(start).date()
    if obstacle := availability.obstacle(queries.plan(offering, day, day), start, clock.now()):
        raise NotOffered(_NOT_OFFERED[obstacle])


def _stretch(offering: Offering, start: dt.datetime) -> Range[dt.datetime]:
    return Range(start, start + dt.timedelta(minutes=offering.minutes), "[)")


class _Busy(Exception):
    """The counter is taken: leave the savepoint, and with it the lock."""


def _claim(
    offering: Offering, start: dt.datetime, write: Callable[[Counter], T], *, without: Appointment | None = None
) -> T:
    """Write at the first counter that lets us. Raises SlotTaken when none does; other refusals of the database pass."""
    end = start + dt.timedelta(minutes=offering.minutes)

    @transaction.atomic
    def write_at(counter_id: int) -> T:
        counter = Counter.objects.select_for_update(no_key=True).get(id=counter_id)
        # Looked at again behind the lock: what the one before us committed is visible only now.
        if counter_id not in queries.free_counters(offering, start, end, without=without):
            raise _Busy
        return write(counter)

    for counter_id in queries.free_counters(offering, start, end, without=without):
        try:
            return write_at(counter_id)
        except _Busy:
            continue
        except IntegrityError as error:
            if _constraint(error) != NO_DOUBLE_BOOKING:
                raise
    raise SlotTaken(_TAKEN, queries.alternatives(offering, start, without=without))


def _constraint(error: IntegrityError) -> str | None:
    """Name of the constraint that refused."""
    cause = error.__cause__
    return cause.diag.constraint_name if isinstance(cause, psycopg.Error) else None


def cancel(appointment: Appointment, *, by: User) -> bool:
    """Call an appointment off, by its holder or by the office. False when it was called off before.

    Publishes "appointment.cancelled". Raises TooLate once it has begun.
    """
    with transaction.atomic():
        locked = _locked(appointment)
        if locked.state in (State.CANCELLED, State.WITHDRAWN):
            return False
        if not locked.can_change(clock.now()):
            raise TooLate(_("Dieser Termin hat schon begonnen oder ist vorbei. Sie können ihn nicht mehr absagen."))
        own = Appointment.objects.open_to(by).filter(pk=locked.pk).exists()
        advance(locked, State.CANCELLED if own else State.WITHDRAWN)
        _write_down(locked, Kind.CANCELLED if own else Kind.WITHDRAWN, str(by.public_id))
        publish("appointment.cancelled", locked.public_id)
    appointment.refresh_from_db(fields=["state", "version", "changed_at"])
    return True


def rebook(appointment: Appointment, *, start: dt.datetime, by: User) -> Appointment:
    """Move an appointment to another start: one UPDATE takes the new time and lets the old one go, or neither.

    It stays the same appointment (public id, subject, calendar entry); counter and waiting number may change. Moving to
    the time it has already changes nothing. Publishes "appointment.moved".
    Raises SlotTaken (with .alternatives), NotOffered or TooLate; then the old time still stands.
    """
    start = start.astimezone(dt.UTC)
    with transaction.atomic():
        locked = _locked(appointment)
        if not locked.can_change(clock.now()):
            raise TooLate(_("Dieser Termin hat schon begonnen, ist vorbei oder abgesagt. Buchen Sie einen neuen."))
        if locked.starts == start:
            return locked
        offering = locked.offering
        _check_offered(offering, start)
        during = Range(start, start + dt.timedelta(minutes=offering.minutes), "[)")

        def move(counter: Counter) -> int:
            return Appointment.objects.filter(pk=locked.pk).update(
                counter=counter,
                during=during,
                number=availability.waiting_number(counter.number, start),
                version=F("version") + 1,
                changed_at=clock.now(),
            )

        _claim(offering, start, move, without=locked)
        moved = Appointment.objects.with_place().get(pk=locked.pk)
        _write_down(moved, Kind.MOVED, str(by.public_id))
        publish("appointment.moved", moved.public_id)
        return moved


def _locked(appointment: Appointment) -> Appointment:
    rows = Appointment.objects.with_place().select_for_update(of=("self",), no_key=True)
    return rows.get(pk=appointment.pk)


def _note(appointment: Appointment, kind: AppointmentEvent.Kind, actor: str) -> None:
    AppointmentEvent.objects.create(
        appointment=appointment,
        kind=kind,
        actor=actor,
        at=clock.now(),
        counter_number=appointment.counter.number,
        during=appointment.during,
    )


def _write_down(appointment: Appointment, kind: AppointmentEvent.Kind, actor: str) -> None:
    """Our event and the audit entry of what just became true."""
    _note(appointment, kind, actor)
    record(f"appointment.{kind.value}", f"appointment:{appointment.public_id}", actor, about=appointment.subject)


@transaction.atomic
def ensure_offering(
    *,
    office: Office,
    slug: str,
    title: str,
    minutes: int,
    counters: int,
    lead_minutes: int = 60,
    horizon_days: int = 60,
    bring: str = "",
) -> Offering:
    """An offering and at least `counters` counters at the office. Idempotent: what exists keeps the values it has."""
    for number in range(1, counters + 1):
        Counter.objects.get_or_create(office=office, number=number)
    offering, _ = Offering.objects.get_or_create(
        office=office,
        slug=slug,
        defaults={
            "title": title,
            "minutes": minutes,
            "lead_minutes": lead_minutes,
            "horizon_days": horizon_days,
            "bring": bring,
        },
    )
    return offering


def seed_demo() -> Offering:
    """Three counters and the offering "unterlagen-zeigen" at the office for parking permits, which it returns; two
    counters and "meldebescheinigung" at two citizens' offices.

    Raises Office.DoesNotExist before directory_seed has run.
    """
    for slug in ("buergerbuero-pasing", "buergerbuero-ruppertstrasse"):
        ensure_offering(
            office=Office.objects.get(slug=slug),
            slug="meldebescheinigung",
            title="Meldebescheinigung",
            minutes=10,
            counters=2,
            bring="Bringen Sie Ihren Ausweis oder Pass mit.",
        )
    return ensure_offering(
        office=Office.objects.get(slug="parkausweise"),
        slug="unterlagen-zeigen",
        title="Unterlagen zeigen",
        minutes=15,
        counters=3,
        bring="Bringen Sie Ihren Personalausweis oder Reisepass mit. "
        "Bringen Sie auch die Unterlagen mit, um die wir Sie gebeten haben.",
    )
