"""What a signed answer says, and whether it is meant for us, now, and as the answer to this question.

Rules: SAML 2.0 Core 2.5 (conditions), Profiles 4.1.4.3 (what a service provider must check). The level comes from the
authentication context, the trust in each datum from the XML attribute TrustLevel that BayernID and BundID add to it.
"""

import dataclasses
import datetime as dt

from lxml import etree

from portal.accounts.identity.refusal import Refused
from portal.accounts.identity.signatures import SAML, SAMLP
from portal.accounts.levels import TrustLevel, from_stork

SKEW = dt.timedelta(seconds=60)
OLDEST = dt.timedelta(minutes=5)  # from issue to arrival
BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
BPK2 = "1.3.6.1.4.1.25484.494450.3"  # the pseudonym of a person towards one service
LEVEL = "1.2.40.0.10.2.1.1.261.94"
FIELDS = {  # OID -> our name of the datum
    "2.5.4.42": "given_name",
    "2.5.4.4": "family_name",
    "1.2.40.0.10.2.1.1.225566": "birth_name",
    "1.2.40.0.10.2.1.1.55": "birth_date",
    "1.3.6.1.5.5.7.9.2": "birth_place",
    "2.5.4.16": "street",
    "2.5.4.17": "postcode",
    "2.5.4.7": "place",
    "1.2.40.0.10.2.1.1.225599": "country",
    "1.2.40.0.10.2.1.1.225577": "nationality",
    "0.9.2342.19200300.100.1.40": "title",
    "0.9.2342.19200300.100.1.3": "email",
    "2.5.4.20": "phone",
    "2.5.4.18": "mailbox",
}
TRUST = {
    "UNTERGEORDNET": TrustLevel.NONE,  # said by the person
    "NORMAL": TrustLevel.BASIC,
    "SUBSTANTIELL": TrustLevel.SUBSTANTIAL,
    "HOCH": TrustLevel.HIGH,
}
Attributes = dict[str, tuple[str, TrustLevel]]


@dataclasses.dataclass(frozen=True)
class Question:
    """What we asked. `newer_than`: the person must have shown who they are after this moment (ForceAuthn)."""

    request_id: str
    issuer: str
    audience: str
    answer_url: str
    level: TrustLevel
    newer_than: dt.datetime | None = None


@dataclasses.dataclass(frozen=True)
class Identity:
    """Who somebody is, according to a provider. `at`: when they showed it there."""

    subject: str
    level: TrustLevel
    at: dt.datetime
    attributes: Attributes
    assertion_id: str
    expires_at: dt.datetime


def read(response: etree._Element, assertion: etree._Element, asked: Question, now: dt.datetime) -> Identity:
    """Raises Refused. Both elements must come from signatures.signed_assertion."""
    _check_response(response, asked, now)
    if _text(_one(assertion, "Issuer", "issuer")) != asked.issuer or assertion.get("Version") != "2.0":
        raise Refused("issuer")
    expires_at = min(_check_confirmation(assertion, asked, now), _check_conditions(assertion, asked, now))
    level, at = _sign_in(assertion, now)
    found = _attributes(assertion)
    subject = found.get(BPK2, ("", TrustLevel.NONE))[0]
    if not subject or len(subject) > 255:
        raise Refused("subject")
    if LEVEL in found and from_stork(found[LEVEL][0]) != level:
        raise Refused("level_contradiction")
    if level < asked.level:
        raise Refused("level_too_low")
    if asked.newer_than is not None and at < asked.newer_than - SKEW:
        raise Refused("sign_in_too_old")
    attributes = {FIELDS[oid]: datum for oid, datum in found.items() if oid in FIELDS}
    return Identity(subject, level, min(at, now), attributes, assertion.get("ID", ""), expires_at)


def in_response_to(response: etree._Element) -> str:
    """The question that an answer names. Raises Refused for one that nobody asked for."""
    number = response.get("InResponseTo", "")
    if not number:
        raise Refused("unsolicited")
    return str(number)


def _check_response(response: etree._Element, asked: Question, now: dt.datetime) -> None:
    if response.get("Version") != "2.0":
        raise Refused("version")
    if _text(_one(response, "Issuer", "issuer")) != asked.issuer:
        raise Refused("issuer")
    if response.get("Destination") != asked.answer_url:
        raise Refused("destination")
    if in_response_to(response) != asked.request_id:
        raise Refused("in_response_to")
    status = response.find(f"{SAMLP}Status/{SAMLP}StatusCode")
    if status is None or status.get("Value") != SUCCESS:
        raise Refused("status")
    issued = _moment(response.get("IssueInstant"))
    if not now - OLDEST - SKEW <= issued <= now + SKEW:
        raise Refused("issue_instant")


def _check_confirmation(assertion: etree._Element, asked: Question, now: dt.datetime) -> dt.datetime:
    """When the proof that this browser may carry the assertion ends."""
    confirmation = _one(_one(assertion, "Subject", "confirmation"), "SubjectConfirmation", "confirmation")
    data = _one(confirmation, "SubjectConfirmationData", "confirmation")
    if confirmation.get("Method") != BEARER:
        raise Refused("confirmation")
    if data.get("Recipient") != asked.answer_url:
        raise Refused("recipient")
    if data.get("InResponseTo") != asked.request_id:
        raise Refused("in_response_to")
    return _check_window(data, now)


def _check_conditions(assertion: etree._Element, asked: Question, now: dt.datetime) -> dt.datetime:
    conditions = _one(assertion, "Conditions", "conditions")
    restrictions = conditions.findall(f"{SAML}AudienceRestriction")
    understood = {f"{SAML}{name}" for name in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")}
    if any(node.tag not in understood for node in conditions):
        raise Refused("conditions")
    if not restrictions:
        raise Refused("audience")
    for restriction in restrictions:
        if asked.audience not in [_text(node) for node in restriction.findall(f"{SAML}Audience")]:
            raise Refused("audience")
    return _check_window(conditions, now)


def _check_window(element: etree._Element, now: dt.datetime) -> dt.datetime:
    begin, end = element.get("NotBefore"), _moment(element.get("NotOnOrAfter"))
    if begin is not None and now < _moment(begin) - SKEW:
        raise Refused("not_yet")
    if now >= end + SKEW:
        raise Refused("expired")
    return end


def _sign_in(assertion: etree._Element, now: dt.datetime) -> tuple[TrustLevel, dt.datetime]:
    statement = _one(assertion, "AuthnStatement", "statement")
    context = _one(statement, "AuthnContext", "statement")
    at, until = _moment(statement.get("AuthnInstant")), statement.get("SessionNotOnOrAfter")
    if at > now + SKEW:
        raise Refused("not_yet")
    if until is not None and now >= _moment(until) + SKEW:
        raise Refused("expired")
    names = context.findall(f"{SAML}AuthnContextClassRef")
    level = from_stork(_text(names[0])) if len(names) == 1 else None
    if level is None:
        raise Refused("level_unknown" if names else "level_missing")
    return level, at


def _attributes(assertion: etree._Element) -> Attributes:
    """OID -> (value, trust). A datum whose trust level is missing or unknown to us is left out, as is one with several
    values; only pseudonym and level, which say nothing about the person, may come without. Raises Refused when a name
    stands twice."""
    found: Attributes = {}
    seen = set()
    for attribute in assertion.iterfind(f"{SAML}AttributeStatement/{SAML}Attribute"):
        name = attribute.get("Name", "").removeprefix("urn:oid:")
        if name in seen:
            raise Refused("attribute_twice")
        seen.add(name)
        values = attribute.findall(f"{SAML}AttributeValue")
        trust = [value for key, value in attribute.attrib.items() if str(key).rpartition("}")[2] == "TrustLevel"]
        level = TRUST.get(str(trust[0])) if len(trust) == 1 else None
        if not trust and name in (BPK2, LEVEL):
            level = TrustLevel.NONE
        if len(values) == 1 and level is not None and (text := _text(values[0])):
            found[name] = (text, level)
    return found


def _one(parent: etree._Element, name: str, reason: str) -> etree._Element:
    found = parent.findall(f"{SAML}{name}")
    if len(found) != 1:
        raise Refused(reason)
    return found[0]


def _text(element: etree._Element) -> str:
    """The whole text of an element that holds nothing else; "" for any other."""
    return (element.text or "").strip() if len(element) == 0 else ""


def _moment(text: str | None) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text or "")
    except ValueError:
        raise Refused("moment") from None
    if moment.tzinfo is None:
        raise Refused("moment")
    return moment.astimezone(dt.UTC)
