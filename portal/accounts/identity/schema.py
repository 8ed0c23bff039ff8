"""SAML's own XML schemas (OASIS, W3C), as pysaml2 ships them: a document that does not fit is not looked at further.

A catalogue of five files by name; whatever else a schema would include is refused. Nothing is ever fetched.
"""

import copy
import functools
import importlib.resources
import posixpath
from typing import Any

from lxml import etree

FILES = {
    "saml-schema-protocol-2.0.xsd",
    "saml-schema-assertion-2.0.xsd",
    "saml-schema-metadata-2.0.xsd",
    "xmldsig-core-schema.xsd",
    "xenc-schema.xsd",
    "xenc-schema-11.xsd",
    "xml.xsd",
}
ALL = b"""<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:protocol" schemaLocation="saml-schema-protocol-2.0.xsd"/>
<xs:import namespace="urn:oasis:names:tc:SAML:2.0:metadata" schemaLocation="saml-schema-metadata-2.0.xsd"/>
<xs:import namespace="http://www.w3.org/2009/xmlenc11#" schemaLocation="xenc-schema-11.xsd"/>
</xs:schema>"""
ATTRIBUTE = "{urn:oasis:names:tc:SAML:2.0:assertion}Attribute"


def fits(root: etree._Element) -> bool:
    """Whether a document is what SAML 2.0 allows.

    One liberty: BayernID and BundID write TrustLevel on an Attribute without a namespace, where the schema wants one.
    """
    checked = copy.deepcopy(root)
    for attribute in checked.iter(ATTRIBUTE):
        attribute.attrib.pop("TrustLevel", None)
    return bool(_schema().validate(checked))


class _Catalogue(etree.Resolver):  # type: ignore[misc]  # lxml is typed by stubs that lack this class
    def resolve(self, url: str, pubid: str | None, context: Any) -> Any:
        name = posixpath.basename(url)
        if name not in FILES:
            raise LookupError(url)
        text = importlib.resources.files("saml2.data.schemas").joinpath(name).read_text(encoding="utf-8")
        return self.resolve_string(text.encode(), context, base_url=name)


@functools.cache
def _schema() -> etree.XMLSchema:
    """The files are our own, so their entities (xmldsig has some) may be put in; documents never get this parser."""
    parser = etree.XMLParser(no_network=True, load_dtd=False, resolve_entities="internal")
    parser.resolvers.add(_Catalogue())
    return etree.XMLSchema(etree.fromstring(ALL, parser, base_url="all.xsd"))
