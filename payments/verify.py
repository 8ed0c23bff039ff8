"""Every invariant of money, read back from the rows. Nothing is changed.

A finding is a broken promise. An open matter is one for people: money that came twice, a number that does not fit.
"""

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from payments.models import Bell, BookedAs, OutboundCall, Payment, Receivable
from portal.common import clock

STALLED_AFTER = dt.timedelta(hours=1)


@dataclass(frozen=True)
class Finding:
    """`code` for machines, `subject` = Kassenzeichen or public id, `text` German for operators."""

    code: str
    subject: str
    text: str


Check = Callable[[], Iterator[Finding]]


def findings() -> list[Finding]:
    """All broken promises, from one consistent snapshot of the database."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            _snapshot()
        return [finding for check in CHECKS for finding in check()]


def open_matters() -> list[Finding]:
    """What waits for a person: overpaid, unclear, deviating."""
    waiting = Payment.objects.exclude(problem="", booked_as__in=["", BookedAs.RECEIVABLE]).select_related("receivable")
    return [
        Finding(
            payment.problem or payment.booked_as,
            payment.receivable.kassenzeichen,
            f"Zahlung {payment.public_id}: "
            + (payment.get_problem_display() if payment.problem else payment.get_booked_as_display()),
        )
        for payment in waiting.order_by("pk")
    ]


def _snapshot() -> None:
    # Without it, a payment settled between two checks would look like a difference.
    with connection.cursor() as cursor:
        cursor.execute("set transaction isolation level repeatable read, read only")


def _rows(code: str, text: str, sql: str, *params: dt.datetime) -> Iterator[Finding]:
    """One finding for each row; first column the subject, the others fill `text`."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        for subject, *values in cursor.fetchall():
            yield Finding(code, str(subject), text.format(*values))


def _postings() -> Iterator[Finding]:
    return _rows(
        "posting_unbalanced",
        "Buchung „{0}“: Summe {1} Cent, {2} von {3} Zeilen",
        """select p.source_id, p.leg, coalesce(sum(l.cents), 0), count(l.id), p.line_count
           from payments_posting p left join payments_postingline l on l.posting_id = p.id
           group by p.id having coalesce(sum(l.cents), 0) <> 0 or count(l.id) <> p.line_count or count(l.id) < 2""",
    )


def _ledger_total() -> Iterator[Finding]:
    return _rows(
        "ledger_not_zero",
        "Die Summe aller Buchungszeilen ist {0} Cent, nicht 0",
        "select 'ledger', sum(cents) from payments_postingline having sum(cents) <> 0",
    )


def _receivables_against_ledger() -> Iterator[Finding]:
    """What is open in the ledger for each receivable is its amount while it is open, else nothing."""
    return _rows(
        "receivable_against_ledger",
        "Forderung ist {0}, offen sind laut Buchungen {1} Cent von {2}",
        """with booked as (
             select coalesce(r.id, pay.receivable_id) as rid, sum(l.cents) as cents
             from payments_postingline l join payments_posting p on p.id = l.posting_id
             left join payments_receivable r on p.source_type = 'receivable' and r.public_id = p.source_id
             left join payments_payment pay on p.source_type = 'payment' and pay.public_id = p.source_id
             where l.account = 'receivables' group by 1)
           select r.kassenzeichen, r.state, coalesce(b.cents, 0), r.amount_cents
           from payments_receivable r left join booked b on b.rid = r.id
           where coalesce(b.cents, 0) <> case when r.state = 'open' then r.amount_cents else 0 end""",
    )


def _payments_against_ledger() -> Iterator[Finding]:
    """What the ledger says the provider holds for each payment is captured less refunded."""
    return _rows(
        "payment_against_ledger",
        "Zahlung hält {0} Cent, verrechnet sind {1}",
        """with held as (
             select p.source_id, sum(l.cents) as cents
             from payments_postingline l join payments_posting p on p.id = l.posting_id
             where l.account = 'clearing' and p.source_type = 'payment' group by 1)
           select pay.public_id, pay.captured_cents - pay.refunded_cents, coalesce(h.cents, 0)
           from payments_payment pay left join held h on h.source_id = pay.public_id
           where coalesce(h.cents, 0) <> pay.captured_cents - pay.refunded_cents""",
    )


def _accounts() -> Iterator[Finding]:
    """Each leg moves money between the two accounts it is meant for."""
    return _rows(
        "wrong_account",
        "Buchung „{0}“ bewegt {1} Cent auf Konto „{2}“, gehört hätte sie auf „{3}“",
        """with lines as (
             select p.source_id, p.leg, split_part(p.leg, ':', 1) as kind, l.account, l.cents,
               case y.booked_as when 'receivable' then 'receivables' when 'overpayment' then 'overpayments'
                                else 'suspense' end as credited
             from payments_postingline l join payments_posting p on p.id = l.posting_id
             left join payments_payment y on p.source_type = 'payment' and y.public_id = p.source_id),
           judged as (
             select *, case kind
               when 'opened' then case when cents > 0 then 'receivables' else 'revenue' end
               when 'cancelled' then case when cents > 0 then 'revenue' else 'receivables' end
               when 'captured' then case when cents > 0 then 'clearing' else credited end
               when 'refunded' then case when cents < 0 then 'clearing'
                                         when credited = 'receivables' then 'revenue' else credited end
               end as expected
             from lines)
           select source_id, leg, cents, account, expected from judged where account is distinct from expected""",
    )


def _orphan_postings() -> Iterator[Finding]:
    return _rows(
        "posting_without_source",
        "Buchung „{0}“ gehört zu keiner Forderung und keiner Zahlung",
        """select p.source_id, p.leg from payments_posting p
           where not exists (select from payments_receivable r
                             where p.source_type = 'receivable' and r.public_id = p.source_id)
             and not exists (select from payments_payment y
                             where p.source_type = 'payment' and y.public_id = p.source_id)""",
    )


def _paid_by_one() -> Iterator[Finding]:
    return _rows(
        "paid_without_payment",
        "Forderung ist {0}, beglichen haben sie {1} Zahlungen",
        """select r.kassenzeichen, r.state, count(p.id)
           from payments_receivable r
           left join payments_payment p on p.receivable_id = r.id and p.booked_as = 'receivable'
           group by r.id
           having count(p.id) <> case when r.state in ('paid', 'refunded') then 1 else 0 end""",
    )


def _amounts() -> Iterator[Finding]:
    """Items, payments and cents fit their receivable; check digits hold. The database refuses these too."""
    yield from _rows(
        "items_do_not_add_up",
        "Posten ergeben {0} Cent, Forderung {1}",
        """select r.kassenzeichen, coalesce(sum(i.amount_cents), 0), r.amount_cents
           from payments_receivable r left join payments_receivableitem i on i.receivable_id = r.id
           group by r.id having coalesce(sum(i.amount_cents), 0) <> r.amount_cents""",
    )
    yield from _rows(
        "payment_of_other_amount",
        "Zahlung über {0} Cent für eine Forderung über {1}",
        """select p.public_id, p.amount_cents, r.amount_cents
           from payments_payment p join payments_receivable r on r.id = p.receivable_id
           where p.amount_cents <> r.amount_cents
              or not (0 <= p.refunded_cents and p.refunded_cents <= p.captured_cents
                      and p.captured_cents <= p.amount_cents)""",
    )
    yield from _rows(
        "kassenzeichen_wrong",
        "Prüfziffer stimmt nicht",
        "select kassenzeichen from payments_receivable where not payments_damm_valid(kassenzeichen)",
    )


def _stalled() -> Iterator[Finding]:
    """The sweep runs: nothing due is left lying, no live payment is without a next look."""
    limit = clock.now() - STALLED_AFTER
    yield from _rows(
        "sweep_stalled",
        "Nachfrage seit {0:%d.%m.%Y %H:%M} fällig: Läuft der Abgleich?",
        "select public_id, next_look_at from payments_payment where next_look_at < %s",
        limit,
    )
    yield from _rows(
        "live_without_look",
        "Zahlung ist {0}, aber keine Nachfrage ist geplant",
        """select public_id, state from payments_payment
           where state in ('created', 'redirected', 'processing') and next_look_at is null""",
    )
    yield from _rows(
        "bell_unheard",
        "Ereignis seit {0:%d.%m.%Y %H:%M} ohne Antwort",
        "select event_id, due_at from payments_bell where processed_at is null and due_at < %s",
        limit,
    )


CHECKS: tuple[Check, ...] = (
    _postings,
    _ledger_total,
    _receivables_against_ledger,
    _payments_against_ledger,
    _accounts,
    _orphan_postings,
    _paid_by_one,
    _amounts,
    _stalled,
)


def counted() -> dict[str, int]:
    """How many rows were looked at."""
    models = {"receivables": Receivable, "payments": Payment, "bells": Bell, "calls": OutboundCall}
    return {name: model._default_manager.count() for name, model in models.items()}
