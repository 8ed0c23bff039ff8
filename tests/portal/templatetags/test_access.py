import pytest
from django.contrib.auth.models import AnonymousUser

from portal.templatetags.access import has_role


def test_a_link_for_a_role_is_shown_to_those_who_hold_it(clara, otto, alice):
    assert [has_role(user, "clerk") for user in (clara, otto, alice, AnonymousUser())] == [True, False, False, False]


def test_a_role_that_does_not_exist_is_a_mistake_not_a_no(clara):
    with pytest.raises(ValueError, match="chef"):
        has_role(clara, "chef")


@pytest.mark.parametrize(("person", "shown"), [("clara", True), ("otto", False)])
def test_the_admin_leads_clerks_to_their_cases(client, request, person, shown):
    client.force_login(request.getfixturevalue(person), backend="django.contrib.auth.backends.ModelBackend")
    page = client.get("/verwaltung/").content.decode()
    assert ('<a href="/verwaltung/vorgaenge/"' in page.split('id="content"')[0]) is shown
