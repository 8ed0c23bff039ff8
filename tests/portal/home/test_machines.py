"""robots.txt, sitemap.xml and security.txt."""

import datetime as dt
import re
import xml.etree.ElementTree as xml

import pytest

from portal.common import clock


def test_a_demonstration_hides_from_search_engines(client, settings):
    settings.DEMO = True
    assert client.get("/robots.txt").content.decode() == "User-agent: *\nDisallow: /\n"


def test_the_portal_shows_only_its_public_pages_to_search_engines(client, settings):
    settings.DEMO = False
    text = client.get("/robots.txt").content.decode()
    assert "Disallow: /postfach/\n" in text and "Disallow: /\n" not in text
    assert f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml" in text


@pytest.mark.django_db
def test_every_address_of_the_sitemap_is_a_public_page(client, settings):
    root = xml.fromstring(client.get("/sitemap.xml").content)
    addresses = [node.text for node in root.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert len(addresses) >= 10
    for address in addresses:
        assert address.startswith(settings.PUBLIC_URL)
        assert client.get(address.removeprefix(settings.PUBLIC_URL)).status_code == 200


def test_security_txt_names_a_contact_and_ends_within_a_year(client, settings):
    text = client.get("/.well-known/security.txt").content.decode()
    fields = dict(re.findall(r"^([\w-]+): (.+)$", text, re.M))
    assert fields["Contact"] == settings.SECURITY_CONTACT
    expires = dt.datetime.fromisoformat(fields["Expires"])
    assert clock.now() + dt.timedelta(days=30) < expires < clock.now() + dt.timedelta(days=366)
    assert fields["Canonical"] == f"{settings.PUBLIC_URL}/.well-known/security.txt"
