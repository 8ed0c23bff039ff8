"""The postbox with its messages and notices (messages.py), how it is kept (keeping.py), how decisions reached their
recipients (deliveries.py), what leaves the house by another way (dispatches.py), and the proofs of both (proofs.py)."""

from mailbox.models.deliveries import AnnouncementRule, Delivery, DeliveryEvent, Ended, Evidence
from mailbox.models.dispatches import Channel, Dispatch, DispatchEvent, DispatchFile, DispatchState
from mailbox.models.keeping import EmergencyLook, Export, ExportState
from mailbox.models.messages import (
    NEUTRAL_TITLE,
    Attachment,
    Direction,
    Event,
    Folder,
    Kind,
    Mailbox,
    Message,
    MessageEvent,
    MessageQuerySet,
    Notice,
    mailbox_of,
    next_number,
)
from mailbox.models.proofs import Proof

__all__ = [
    "NEUTRAL_TITLE",
    "AnnouncementRule",
    "Attachment",
    "Channel",
    "Delivery",
    "DeliveryEvent",
    "Direction",
    "Dispatch",
    "DispatchEvent",
    "DispatchFile",
    "DispatchState",
    "EmergencyLook",
    "Ended",
    "Event",
    "Evidence",
    "Export",
    "ExportState",
    "Folder",
    "Kind",
    "Mailbox",
    "Message",
    "MessageEvent",
    "MessageQuerySet",
    "Notice",
    "Proof",
    "mailbox_of",
    "next_number",
]
