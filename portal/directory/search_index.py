"""Keeps the words of the services findable: one row per word stem, one entry per word and service.

German stems are PostgreSQL's own (dictionary german_stem), taken of both foldings, so that Führerschein, Fuehrerschein
and Fuhrerschein meet. Everything happens in the caller's transaction.
"""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import connection, transaction

from portal.directory import richtext, words
from portal.directory.models import SECTIONS, Place, SearchEntry, SearchWord, Service, Synonym

BATCH = 1000
_LOCK = 0x776F7264  # advisory lock: two refreshes would take the same words in different order
# A word of a short title says more than one of a long title; _TITLE is for a title of one word.
_TITLE, _KEYWORD, _SUMMARY, _TEXT = 12.0, 7.0, 2.0, 1.0
_fold = functools.lru_cache(50_000)(words.fold)  # the vocabulary of a large directory
_TEXTS = tuple(name for name in SECTIONS if name != "legal_basis")


class _Seen(NamedTuple):
    label: str
    place: Place
    weight: float


def stems(folded: Sequence[str]) -> dict[str, str]:
    """Folded word -> stem. Words that mean nothing on their own (der, und) have none and are left out."""
    if not folded:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            "select w, (ts_lexize('german_stem', w))[1] from unnest(%s::text[]) w", [list(dict.fromkeys(folded))]
        )
        return {word: stem for word, stem in cursor.fetchall() if stem}


def refresh(services: Iterable[Service]) -> None:
    """Index these services as they are now. They must be saved. Those that are not offered leave the index."""
    rows = list(services)
    if not rows:
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        known = _Vocabulary()
        touched: set[int] = set()
        for begin in range(0, len(rows), BATCH):
            touched |= _refresh_batch(rows[begin : begin + BATCH], known)
        _count(sorted(touched))


def refresh_all() -> int:
    """Index everything anew, forget words nobody uses. Returns the number of services."""
    services = list(Service.objects.all())
    with transaction.atomic():
        refresh(services)
        SearchWord.objects.filter(entries=None).delete()
    return len(services)


def put_synonym(term: str, meaning: str) -> Synonym:
    """Create it or give an existing one another meaning."""
    term, meaning = richtext.line(term)[:80], richtext.line(meaning)[:200]
    synonym = Synonym.objects.filter(term__iexact=term).first() or Synonym(term=term)
    synonym.meaning = meaning
    stem_synonym(synonym)
    synonym.save()
    return synonym


def stem_synonym(synonym: Synonym) -> None:
    """Fill what the search compares; the caller saves."""
    term, meaning = words.of_search(synonym.term), words.of_search(synonym.meaning)
    known = stems([words.fold(word)[0] for word in (*term, *meaning)])
    synonym.term_stems = _known(term, known)
    synonym.meaning_stems = _known(meaning, known)


def _known(found: list[str], known: dict[str, str]) -> list[str]:
    folded = (words.fold(word)[0] for word in found)
    return [known[word][:60] for word in folded if word in known]


class _Vocabulary:
    """Stems and row ids of the words met so far: a language repeats itself, so most batches ask for few new ones."""

    def __init__(self) -> None:
        self.stems: dict[str, str] = {}  # folded word -> stem; "" for words that mean nothing on their own
        self.ids: dict[str, int] = {}

    def learn(self, folded: Iterable[str]) -> None:
        new = [word for word in folded if word not in self.stems]
        found = stems(new)
        self.stems |= {word: found.get(word, "")[:60] for word in new}

    def give_ids(self, labels: Mapping[str, str]) -> None:
        """Make a row of every stem that has none; its label stays as the first text wrote it."""
        new = sorted(labels.keys() - self.ids.keys())
        if not new:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """
                with given as (select * from unnest(%s::varchar[], %s::varchar[]) g(stem, label)),
                made as (
                    insert into directory_searchword (stem, label, frequency)
                    select stem, label, 0 from given where stem not in (select stem from directory_searchword)
                    on conflict do nothing returning stem, id
                )
                select stem, id from made union all
                select w.stem, w.id from given join directory_searchword w using (stem)
                """,
                [new, [labels[stem] for stem in new]],
            )
            self.ids |= dict(cursor.fetchall())


def _refresh_batch(services: Sequence[Service], known: _Vocabulary) -> set[int]:
    """Returns the ids of the words whose frequency may have changed."""
    seen = {
        service.pk: _words_of(service) if service.public and service.retired_on is None else {} for service in services
    }
    known.learn(dict.fromkeys(word for found in seen.values() for word in found))
    by_stem: dict[int, dict[str, _Seen]] = {}
    for pk, found in seen.items():
        best = by_stem.setdefault(pk, {})
        for word, entry in found.items():
            stem = known.stems[word]
            if stem and (stem not in best or best[stem].weight < entry.weight):
                best[stem] = entry
    known.give_ids({stem: entry.label for found in by_stem.values() for stem, entry in found.items()})
    ids = known.ids
    touched = {ids[stem] for found in by_stem.values() for stem in found}
    touched |= set(SearchEntry.objects.filter(service__in=seen).values_list("word_id", flat=True).distinct())
    SearchEntry.objects.filter(service__in=seen).delete()
    copy = "copy directory_searchentry (word_id, service_id, place, weight) from stdin"
    with connection.cursor() as cursor, cursor.copy(copy) as rows:
        for pk, found in by_stem.items():
            for stem, entry in found.items():
                rows.write_row((ids[stem], pk, entry.place, entry.weight))
    return touched


def _count(word_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            update directory_searchword w set frequency = coalesce(n.count, 0)
            from unnest(%(ids)s::bigint[]) i(id) left join (
                select word_id, count(*) as count from directory_searchentry
                where word_id = any(%(ids)s::bigint[]) group by word_id
            ) n on n.word_id = i.id
            where w.id = i.id and w.frequency <> coalesce(n.count, 0)
            """,
            {"ids": word_ids},
        )


def _words_of(service: Service) -> dict[str, _Seen]:
    """Folded word -> where it stands best. Titles first: the first to name a word is the best."""
    found: dict[str, _Seen] = {}
    title = words.of_text(service.title)
    telling = [word for word in title if words.fold(word)[0] not in words.FILLER] or title
    texts = [getattr(service, name) for name in _TEXTS]
    sources = (
        (telling, Place.TITLE, _TITLE * (0.5 + 0.5 / max(len(telling), 1))),
        (words.of_text(service.keywords), Place.KEYWORD, _KEYWORD),
        (words.of_text(service.summary), Place.TEXT, _SUMMARY),
        (words.of_text(" ".join(map(richtext.to_text, filter(None, texts)))), Place.TEXT, _TEXT),
    )
    for written, place, weight in sources:
        for folded, word in ((form, one) for one in written for form in _fold(one)):
            if folded not in found:
                found[folded] = _Seen(word[:60], place, weight)
    return found
