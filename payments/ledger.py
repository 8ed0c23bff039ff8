"""The double-entry ledger: who may post what. Debit is positive; the lines of a posting sum to zero.

The database refuses everything else: unbalanced or later changed postings, a second posting of the same leg.
"""

from django.db.models import Sum

from payments.models import Account, BookedAs, Payment, Posting, PostingLine, Receivable

_CREDITED = {
    BookedAs.RECEIVABLE: Account.RECEIVABLES,
    BookedAs.OVERPAYMENT: Account.OVERPAYMENTS,
    BookedAs.SUSPENSE: Account.SUSPENSE,
}


def _post(source: Receivable | Payment, leg: str, debit: Account, credit: Account, cents: int) -> Posting:
    """In the caller's transaction. Raises IntegrityError when this leg of this source is already posted."""
    kind = Posting.Source.PAYMENT if isinstance(source, Payment) else Posting.Source.RECEIVABLE
    posting = Posting.objects.create(source_type=kind, source_id=source.public_id, leg=leg, line_count=2)
    PostingLine.objects.bulk_create(
        [
            PostingLine(posting=posting, account=debit, cents=cents),
            PostingLine(posting=posting, account=credit, cents=-cents),
        ]
    )
    return posting


def post_opened(receivable: Receivable) -> Posting:
    return _post(receivable, "opened", Account.RECEIVABLES, Account.REVENUE, receivable.amount_cents)


def post_cancelled(receivable: Receivable) -> Posting:
    return _post(receivable, "cancelled", Account.REVENUE, Account.RECEIVABLES, receivable.amount_cents)


def post_captured(payment: Payment, *, since: int, booked_as: str) -> Posting:
    """Money the provider holds for us, from `since` cents up to the payment's captured total."""
    total = payment.captured_cents
    credited = _CREDITED[BookedAs(booked_as)]
    return _post(payment, f"captured:{total}", Account.CLEARING, credited, total - since)


def post_refunded(payment: Payment, *, since: int, booked_as: str) -> Posting:
    """Money the provider gave back: what was owed falls away as revenue; overpaid money simply leaves."""
    total = payment.refunded_cents
    given_back = {**_CREDITED, BookedAs.RECEIVABLE: Account.REVENUE}[BookedAs(booked_as)]
    return _post(payment, f"refunded:{total}", given_back, Account.CLEARING, total - since)


def balances() -> dict[str, int]:
    """Cents per account, every account named; the sum is zero."""
    sums = dict(PostingLine.objects.values_list("account").annotate(Sum("cents")))
    return {account: sums.get(account, 0) for account in Account.values}
