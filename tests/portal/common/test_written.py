import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.db.models import Count, Prefetch, Q

from portal.accounts.models import SignIn, SignInMethod, User
from portal.common import clock, rows
from portal.common.written import Written, together

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 3, 4, 11, 0, tzinfo=dt.UTC)


def came(user, at=NOON) -> SignIn:
    return SignIn.objects.create(user=user, method=SignInMethod.PASSWORD, at=at)


def test_each_caller_gets_the_rows_of_their_own_values(alice, bob):
    of = Written(lambda user: SignIn.objects.filter(user=user).order_by("id"))
    hers, his = [came(alice), came(alice)], [came(bob)]
    assert [of(alice), of(bob), of(alice)] == [hers, his, hers]


def test_the_statement_is_put_together_once(alice, bob):
    built = []

    def build(user):
        built.append(user)
        return SignIn.objects.filter(user=user)

    of = Written(build)
    assert [of(alice), of(bob)] == [[], []] and len(built) == 1


def test_the_clock_is_asked_at_each_call(alice):
    until_now = Written(lambda: SignIn.objects.filter(at__lte=clock.now(), at__date__lte=clock.today()))
    came(alice)
    with clock.frozen(NOON - dt.timedelta(seconds=1)):
        assert until_now() == []
    with clock.frozen(NOON):
        assert len(until_now()) == 1


def test_what_is_reckoned_from_the_clock_is_refused(alice):
    lately = Written(lambda user: SignIn.objects.filter(user=user, at__gt=clock.now() - dt.timedelta(days=90)))
    with pytest.raises(ValueError, match="reckoned"):
        lately(alice)


def test_a_reckoned_moment_can_be_a_value(alice):
    since = Written(lambda moment, user: SignIn.objects.filter(at__gt=moment, user=user))
    late = came(alice)
    assert since(NOON, alice) == [] and since(NOON - dt.timedelta(1), alice) == [late]


def test_a_value_that_is_not_in_the_statement_is_refused(alice):
    with pytest.raises(ValueError, match="Value no"):
        Written(lambda user: SignIn.objects.all())(alice)


@pytest.mark.parametrize("value", [None, "alice", [1], True, 1.5, User()])
def test_values_that_would_change_the_statement_are_refused(value):
    with pytest.raises(TypeError):
        Written(lambda given: SignIn.objects.filter(user_id=given))(value)


def test_a_person_not_stored_is_refused_later_too(alice):
    of = Written(lambda user: SignIn.objects.filter(user=user))
    came(alice)
    of(alice)
    with pytest.raises(TypeError):
        of(User())


def test_related_rows_annotations_and_texts_come_as_always(alice, django_assert_num_queries):
    came(alice)
    rows = Written(
        lambda user: (
            SignIn.objects.filter(Q(user=user) & ~Q(provider="100 % %s $1 '"))
            .select_related("user")
            .annotate(count=Count("user__sign_ins"))
        )
    )
    rows(alice)
    with django_assert_num_queries(1):
        (found,) = rows(alice)
        assert (found.user, found.user.get_full_name(), found.count) == (alice, alice.get_full_name(), 1)


def test_prefetches_are_read_for_each_call(alice, bob):
    people = Written(
        lambda one, other: User.objects.filter(pk__in=[one, other]).prefetch_related(
            Prefetch("sign_ins", SignIn.objects.order_by("id"))
        )
    )
    came(alice)
    assert sorted(len(person.sign_ins.all()) for person in people(alice.pk, bob.pk)) == [0, 1]
    came(alice)
    assert sorted(len(person.sign_ins.all()) for person in people(bob.pk, alice.pk)) == [0, 2]


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_other_threads_have_their_own_connection(alice):
    of = Written(lambda user: SignIn.objects.filter(user=user))
    row, found = came(alice), []

    def look() -> None:
        try:
            found.append(of(alice))
        finally:
            connections.close_all()

    for thread in [threading.Thread(target=look) for _ in range(3)]:
        thread.start()
        thread.join()
    assert found == [[row]] * 3 and of(alice) == [row]


@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_prepares_it_again(alice):
    of = Written(lambda user: SignIn.objects.filter(user=user))
    assert of(alice) == []
    connection.close()
    assert of(alice) == []


def test_questions_asked_together_are_one_message_and_answered_each(alice, bob, django_assert_num_queries):
    of = Written(lambda user: SignIn.objects.filter(user=user).order_by("id"))
    since = Written(lambda day: SignIn.objects.filter(at__gte=day).select_related("user").order_by("-id"))
    nobody = Written(lambda: User.objects.none() | User.objects.filter(email="nobody"))
    hers, his = came(alice), came(bob)
    together(of.asked(alice), nobody.asked())  # what a connection learns once
    with django_assert_num_queries(1):
        found = together(of.asked(bob), nobody.asked(), since.asked(NOON), of.asked(alice))
    assert found == [[his], [], [his, hers], [hers]]
    assert found[2][0].user.email == bob.email


def test_rows_that_still_wait_are_stored_before_questions_are_asked(alice):
    of = Written(lambda user: SignIn.objects.filter(user=user))
    with rows.gathered():
        rows.insert(SignIn(user=alice, method=SignInMethod.PASSWORD, at=NOON))
        assert [len(found) for found in together(of.asked(alice), of.asked(alice))] == [1, 1]
