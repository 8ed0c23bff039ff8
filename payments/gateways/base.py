"""What a payment provider is to us: a page to send people to, and a truth to fetch. Values only, no models."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import ClassVar, Protocol


class GatewayError(Exception):
    """The provider did not do what we asked.

    permanent: asking the same again is pointless (refused, unknown, not configured). Otherwise the outcome is
    unknown: the provider may have acted. `code` is a short word without personal data.
    """

    def __init__(self, code: str, *, permanent: bool):
        super().__init__(code)
        self.code = code
        self.permanent = permanent


class UnknownThere(GatewayError):
    """The provider has no object of this number."""

    def __init__(self) -> None:
        super().__init__("resource_missing", permanent=True)


class BadBell(Exception):
    """A webhook call that is not from the provider, too old or unreadable. The message is for our log only."""


class Phase(StrEnum):
    """Where a payment stands at the provider."""

    OPEN = "open"  # the page waits for the person
    PROCESSING = "processing"  # done by the person, not yet by the bank
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    EXPIRED = "expired"


class Patience(Enum):
    """How long a caller can wait: (connect seconds, read seconds, retries)."""

    BRIEF = (0.5, 1.5, 0)  # a person looks at an empty page: 2 s in all
    USUAL = (3.0, 10.0, 2)


@dataclass(frozen=True, slots=True)
class Order:
    """What we want to be paid. Everything the provider needs, nothing about the person."""

    payment_id: str
    idempotency_key: str
    amount_cents: int
    purpose: str
    kassenzeichen: str
    created_at: dt.datetime
    expires_at: dt.datetime
    success_url: str
    cancel_url: str


@dataclass(frozen=True, slots=True)
class ProviderState:
    """The provider's answer about one payment, in our words."""

    ref: str
    payment_id: str  # the id we gave along; "" when the object is not ours
    phase: Phase
    amount_cents: int
    currency: str  # lower-case ISO 4217
    captured_cents: int = 0
    refunded_cents: int = 0
    captured_at: dt.datetime | None = None
    intent_ref: str = ""
    method: str = ""
    url: str = ""  # only while OPEN
    expires_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Ring:
    """A verified webhook call: that something happened to `ref` ("" when it concerns no payment of ours)."""

    event_id: str
    event_type: str
    ref: str


@dataclass(frozen=True, slots=True)
class Capabilities:
    delayed_methods: bool
    refunds: bool
    partial_refunds: bool
    can_expire: bool
    resend_within: dt.timedelta  # how long the same idempotency key yields the same object
    page_minutes: int  # how long the payment page stays open


class Gateway(Protocol):
    """All but parse_bell speak to the provider and raise GatewayError: never call one inside a transaction."""

    name: ClassVar[str]
    capabilities: ClassVar[Capabilities]

    @property
    def test_mode(self) -> bool:
        """No real money moves."""

    def create(self, order: Order) -> ProviderState:
        """Open a payment page. The same order (same key) yields the same page."""

    def fetch(self, ref: str, patience: Patience = Patience.USUAL) -> ProviderState:
        """The present truth. Raises UnknownThere."""

    def find(self, order: Order) -> Sequence[ProviderState]:
        """What the provider holds for this order, best first; for intents whose answer was lost."""

    def expire(self, ref: str) -> ProviderState:
        """Close an open page, then tell the truth: it may have been paid a moment before."""

    def parse_bell(self, body: bytes, headers: Mapping[str, str]) -> Ring:
        """Verify and read a webhook call. Raises BadBell."""
