"""Forged answers. Each takes the provider in the test's hands and the question, and gives (document, RelayState).

The signature wrappings are numbered as in Somorovsky et al., "On Breaking SAML" (USENIX Security 2012): a genuine
signature over the attacker's own assertion is moved about, so that a careless reader finds a forged one.
"""

import copy
import datetime as dt
import re

from lxml import etree
from saml2 import xmldsig

from portal.accounts.identity.demo import answers
from portal.accounts.identity.demo.people import PEOPLE, WAYS
from portal.accounts.identity.signatures import ASSERTION, DS, SAML, SAMLP, SIGNATURE

ATTACKS = {}  # name -> (function, reason in the audit log)
HOUR = dt.timedelta(hours=1)
GENUINE, FORGED = b"demo-bayernid-alice", b"demo-bayernid-erika"


def attack(reason):
    def keep(function):
        ATTACKS[function.__name__] = (function, reason)
        return function

    return keep


def _honest(peer, question) -> bytes:
    return peer.signed(peer.told(question.request_id))


def _told(peer, question, **changes) -> bytes:
    return peer.signed(peer.told(question.request_id, **changes))


def _edited(peer, question, old: str, new: str) -> bytes:
    """The provider itself signs something odd."""

    def edit(xml: str) -> str:
        assert old in xml, xml
        return xml.replace(old, new)

    return peer.signed(peer.told(question.request_id), edit)


class Wrap:
    """A genuine response of Alice, and a forged copy of its parts that speaks of Erika."""

    def __init__(self, peer, question):
        self.root = etree.fromstring(_honest(peer, question))
        self.genuine = self.root.find(ASSERTION)
        self.signature = self.genuine.find(SIGNATURE)
        self.forged = etree.fromstring(etree.tostring(self.genuine).replace(GENUINE, FORGED))
        self.forged.set("ID", "_forged")

    def bare(self, element):
        element.remove(element.find(SIGNATURE))
        return element

    def forged_response(self):
        evil = etree.fromstring(etree.tostring(self.root).replace(GENUINE, FORGED))
        evil.set("ID", "_evil")
        return evil


def _xml(root) -> bytes:
    return etree.tostring(root)


@attack("number_twice")
def wrapping_1(peer, question):
    wrap = Wrap(peer, question)
    evil, genuine = wrap.forged_response(), wrap.bare(copy.deepcopy(wrap.root))
    evil.find(SIGNATURE).append(genuine)
    return _xml(evil)


@attack("number_twice")
def wrapping_2(peer, question):
    wrap = Wrap(peer, question)
    evil, genuine = wrap.forged_response(), wrap.bare(copy.deepcopy(wrap.root))
    evil.find(SIGNATURE).addprevious(genuine)
    return _xml(evil)


@attack("assertion_count")
def wrapping_3(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.bare(wrap.forged))
    return _xml(wrap.root)


@attack("assertion_count")
def wrapping_4(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.bare(wrap.forged))
    wrap.forged.append(wrap.genuine)
    return _xml(wrap.root)


@attack("assertion_count")
def wrapping_5(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.forged)
    wrap.bare(wrap.genuine)
    return _xml(wrap.root)


@attack("assertion_count")
def wrapping_6(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.forged)
    wrap.forged.find(SIGNATURE).append(wrap.bare(wrap.genuine))
    return _xml(wrap.root)


@attack("assertion_count")
def wrapping_7(peer, question):
    wrap = Wrap(peer, question)
    extensions = etree.Element(f"{SAMLP}Extensions")
    extensions.append(wrap.bare(wrap.forged))
    wrap.genuine.addprevious(extensions)
    return _xml(wrap.root)


@attack("assertion_count")
def wrapping_8(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.forged)
    hidden = etree.SubElement(wrap.forged.find(SIGNATURE), f"{DS}Object")
    hidden.append(wrap.bare(wrap.genuine))
    return _xml(wrap.root)


@attack("assertion_unsigned")
def assertion_swapped_and_signature_left_in_the_response(peer, question):
    wrap = Wrap(peer, question)
    wrap.genuine.addprevious(wrap.bare(wrap.forged))
    wrap.root.remove(wrap.genuine)
    return _xml(wrap.root)


@attack("signature_place")
def object_hidden_in_a_signature_with_a_second_one(peer, question):
    wrap = Wrap(peer, question)
    etree.SubElement(wrap.signature, f"{DS}Object").append(copy.deepcopy(wrap.signature))
    return _xml(wrap.root)


@attack("signature")
def text_changed_after_signing(peer, question):
    return _honest(peer, question).replace(GENUINE, FORGED)


@attack("signature")
def level_raised_after_signing(peer, question):
    return peer.signed(peer.told(question.request_id, way=0)).replace(b"STORK-QAA-Level-1", b"STORK-QAA-Level-4")


@attack("comment")
def comment_inside_the_pseudonym(peer, question):
    return _honest(peer, question).replace(GENUINE, b"demo-bayernid-<!-- -->alice")


@attack("comment")
def comment_signed_by_the_provider(peer, question):
    return _edited(peer, question, GENUINE.decode(), "demo-bayernid-alice<!---->.boese.example")


@attack("comment")
def processing_instruction_inside_the_pseudonym(peer, question):
    return _honest(peer, question).replace(GENUINE, b"demo-bayernid-<?x y?>alice")


@attack("audience")
def answer_for_another_service(peer, question):
    return _told(peer, question, audience="https://andere.stadt.example/metadaten/")


@attack("audience")
def answer_for_anybody(peer, question):
    told = peer.told(question.request_id)
    part = f"<ns1:AudienceRestriction><ns1:Audience>{told.audience}</ns1:Audience></ns1:AudienceRestriction>"
    return _edited(peer, question, part, "")


@attack("destination")
def answer_sent_to_another_address(peer, question):
    told = peer.told(question.request_id)
    return _edited(peer, question, f'Destination="{told.answer_url}"', 'Destination="https://andere.example/"')


@attack("recipient")
def proof_for_another_recipient(peer, question):
    told = peer.told(question.request_id)
    return _edited(peer, question, f'Recipient="{told.answer_url}"', 'Recipient="https://andere.example/"')


@attack("issue_instant")
def expired(peer, question):
    return _told(peer, question, now=question.asked_at - HOUR)


@attack("issue_instant")
def from_the_future(peer, question):
    return _told(peer, question, now=question.asked_at + HOUR)


@attack("expired")
def conditions_expired(peer, question):
    end = f"{question.asked_at + answers.LIVES:%Y-%m-%dT%H:%M}"
    return _edited(peer, question, f'NotOnOrAfter="{end}', f'NotOnOrAfter="{question.asked_at - HOUR:%Y-%m-%dT%H:%M}')


@attack("moment")
def no_end(peer, question):
    told = peer.told(question.request_id)
    end = f' NotOnOrAfter="{told.now + answers.LIVES:%Y-%m-%dT%H:%M:%SZ}"'
    return answers.sign(str(answers.unsigned(told)).replace(end, "").encode(), peer.folder.key(peer.name), told)


@attack("response_unsigned")
def response_not_signed(peer, question):
    return peer.signed(peer.told(question.request_id), lambda xml: _without(xml, "_response"), response=False)


@attack("assertion_unsigned")
def assertion_not_signed(peer, question):
    return peer.signed(peer.told(question.request_id), lambda xml: _without(xml, "assertion"), assertion=False)


@attack("response_unsigned")
def nothing_signed(peer, question):
    xml = _without(_without(str(answers.unsigned(peer.told(question.request_id))), "_response"), "assertion")
    return xml.encode()


def _without(xml: str, which: str) -> str:
    root = etree.fromstring(xml.encode())
    parent = root if which == "_response" else root.find(ASSERTION)
    parent.remove(parent.find(SIGNATURE))
    return etree.tostring(root).decode()


@attack("weak_algorithm")
def signed_with_sha1(peer, question):
    return _edited(peer, question, xmldsig.SIG_RSA_SHA256, xmldsig.SIG_RSA_SHA1)


@attack("weak_algorithm")
def digest_with_sha1(peer, question):
    return _edited(peer, question, xmldsig.DIGEST_SHA256, xmldsig.DIGEST_SHA1)


@attack("weak_algorithm")
def signed_with_the_public_key_as_a_shared_secret(peer, question):
    return _honest(peer, question).replace(
        xmldsig.SIG_RSA_SHA256.encode(), b"http://www.w3.org/2001/04/xmldsig-more#hmac-sha256"
    )


@attack("transform")
def transform_that_drops_what_is_checked(peer, question):
    return _honest(peer, question).replace(
        xmldsig.TRANSFORM_ENVELOPED.encode(), b"http://www.w3.org/TR/1999/REC-xpath-19991116"
    )


@attack("signature_reference")
def signature_over_the_whole_document(peer, question):
    return re.sub(rb'URI="#[^"]+"', b'URI=""', _honest(peer, question))


@attack("signature")
def signed_with_the_attackers_key_that_comes_along(peer, question):
    told = peer.told(question.request_id)
    lines = peer.folder.certificate("portal").read_text().splitlines()[1:-1]
    info = etree.Element(f"{DS}KeyInfo")
    data = etree.SubElement(info, f"{DS}X509Data")
    etree.SubElement(data, f"{DS}X509Certificate").text = "".join(lines)
    root = etree.fromstring(str(answers.unsigned(told)).encode())
    for signature in root.iter(SIGNATURE):
        signature.append(copy.deepcopy(info))
    return answers.sign(etree.tostring(root), peer.folder.key("portal"), told)


@attack("signature")
def another_provider_speaks_in_this_ones_name(peer, question):
    told = peer.told(question.request_id)
    return answers.sign(str(answers.unsigned(told)).encode(), peer.folder.key("bundid"), told)


@attack("issuer")
def this_provider_speaks_in_another_ones_name(peer, question):
    return _told(peer, question, issuer="http://127.0.0.1:9/bundid/metadaten")


@attack("doctype")
def external_entity(peer, question):
    return b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + _honest(peer, question).replace(GENUINE, b"&e;")


@attack("doctype")
def entity_bomb(peer, question):
    lines = "".join(f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 10))
    bomb = f'<!DOCTYPE x [<!ENTITY e0 "ha">{lines}]>'.encode()
    return bomb + _honest(peer, question).replace(GENUINE, b"&e9;")


@attack("malformed")
def document_type_hidden_in_another_encoding(peer, question):
    text = '<?xml version="1.0" encoding="utf-7"?>' + _honest(peer, question).decode().replace(
        "?>", "?>+ADwAIQ-DOCTYPE x+AD4-", 1
    )
    return text.encode("utf-16")[2:].replace(b"\0", b"\xff")


@attack("doctype")
def utf_16(peer, question):
    return _honest(peer, question).decode().split("?>", 1)[-1].encode("utf-16")


@attack("unsolicited")
def nobody_asked(peer, question):
    return peer.signed(peer.told(None))


@attack("in_response_to")
def answer_to_a_question_never_asked(peer, question):
    return peer.signed(peer.told("_never"))


@attack("in_response_to")
def proof_for_another_question(peer, question):
    told = peer.told(question.request_id)
    data = f'InResponseTo="{told.in_response_to}" '
    return peer.signed(told, lambda xml: xml[::-1].replace(data.strip()[::-1], 'InResponseTo="_x"'[::-1], 1)[::-1])


@attack("level_unknown")
def level_that_nobody_knows(peer, question):
    return _told(peer, question, context="STORK-QAA-Level-5")


@attack("level_unknown")
def level_of_another_kind(peer, question):
    return _told(peer, question, context="urn:oasis:names:tc:SAML:2.0:ac:classes:Smartcard")


@attack("schema")
def no_level(peer, question):
    return _told(peer, question, context=None)


@attack("level_missing")
def level_only_by_reference(peer, question):
    reference = "<ns1:AuthnContextDeclRef>STORK-QAA-Level-4</ns1:AuthnContextDeclRef>"
    told = peer.told(question.request_id, context=None)
    xml = str(answers.unsigned(told)).replace(
        "<ns1:AuthnContext />", f"<ns1:AuthnContext>{reference}</ns1:AuthnContext>"
    )
    assert reference in xml
    return peer.signed(told, lambda _: xml)


@attack("schema")
def element_that_saml_does_not_know(peer, question):
    return _edited(peer, question, "<ns1:AttributeStatement>", "<ns1:Anything/><ns1:AttributeStatement>")


@attack("schema")
def moment_that_is_none(peer, question):
    return _edited(peer, question, 'AuthnInstant="2', 'AuthnInstant="x2')


@attack("level_contradiction")
def two_levels(peer, question):
    return _told(peer, question, context="STORK-QAA-Level-4", attributes=PEOPLE[0].attributes("bayernid", WAYS[0]))


@attack("subject")
def no_pseudonym(peer, question):
    return _told(peer, question, attributes=PEOPLE[0].attributes("bayernid", WAYS[2])[1:])


@attack("attribute_twice")
def two_pseudonyms(peer, question):
    rows = PEOPLE[0].attributes("bayernid", WAYS[2])
    return _told(peer, question, attributes=(*rows, *PEOPLE[1].attributes("bayernid", WAYS[2])))


@attack("schema")
def pseudonym_with_an_element_inside(peer, question):
    return _edited(peer, question, GENUINE.decode(), f"<x xmlns='{SAML[1:-1]}'/>demo")


@attack("status")
def failed_and_yet_an_assertion(peer, question):
    return _edited(peer, question, "status:Success", "status:Responder")


@attack("confirmation")
def not_for_the_bearer(peer, question):
    return _edited(peer, question, "cm:bearer", "cm:holder-of-key")


@attack("schema")
def a_condition_that_we_do_not_understand(peer, question):
    return _edited(peer, question, "<ns1:AudienceRestriction>", "<ns1:Condition/><ns1:AudienceRestriction>")


@attack("conditions")
def a_condition_of_a_type_that_we_do_not_understand(peer, question):
    types = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="ns1:OneTimeUseType"'
    return _edited(peer, question, "<ns1:AudienceRestriction>", f"<ns1:Condition {types}/><ns1:AudienceRestriction>")


@attack("too_large")
def huge(peer, question):
    return _honest(peer, question) + b" " * 200_000


@attack("malformed")
def deeply_nested(peer, question):
    return b"<a>" * 20_000 + b"</a>" * 20_000


@attack("malformed")
def not_xml(peer, question):
    return b"{}"


@attack("not_a_response")
def a_question_as_an_answer(peer, question):
    return b'<samlp:AuthnRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" ID="_a"/>'


@attack("malformed")
def nothing(peer, question):
    return b""
