"""Finds services for what a person typed. Four queries: stems and synonyms, the vocabulary, the entries, the services.

A word of the search meets words of the vocabulary in one of six ways (How), each with a factor. A service's score is
the sum over the search's words of the best  factor * weight of the place * rarity  and grows with the share of words it
covers, a rare word counting for more. PostgreSQL does the comparing (pg_trgm for parts and typing errors), this file
decides what it means.
"""

import enum
import math
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from portal.directory import words
from portal.directory.models import SECTIONS, Place, Service

LIMIT = 50
_NOT_IN_LISTS = ("links", *(name for name in SECTIONS if name != "description"))
SHORTEST_INSIDE, SHORTEST_SIMILAR = 3, 4  # letters a stem needs to be looked for inside words, or for typing errors
FAINT = 0.05  # share of the best score; what is below is found by chance ("Perso" in a text about persons)
_KNOWN = 0.6  # factor of a compound beside the very word
_EDITED = 0.6  # least rarity of a synonym: an editor has said what is meant
ROW = tuple[int, int, str, str, int, str, float]  # no, id, stem, label, frequency, how, similarity


class How(enum.StrEnum):
    SAME = "same"
    SYNONYM = "synonym"
    BEGINNING = "beginning"  # "wohnsitz" -> Wohnsitzanmeldung
    INSIDE = "inside"  # "ausweis" -> Personalausweis
    PART = "part"  # "Kitaplatz" -> Kita
    SIMILAR = "similar"  # "Fürerschein" -> Führerschein


@dataclass(frozen=True)
class Match:
    """One word of the search as it was found in one service."""

    word: str  # as typed
    found: str  # as the directory writes it
    how: How
    place: Place
    strength: float  # factor of the way, 1.0 = the very word


@dataclass(frozen=True)
class Hit:
    service: Service
    score: float
    matches: tuple[Match, ...]
    cover: float  # 0..1: share of the search's words found in the title or the keywords, weighed by their rarity

    @property
    def why(self) -> str:
        """One German line that says why this service is shown."""
        return "; ".join(dict.fromkeys(_why(match) for match in self.matches))


@dataclass(frozen=True)
class _Word:
    """One word of the search with everything it may also be called."""

    typed: str
    folded: tuple[str, ...]
    stems: tuple[str, ...]
    known: bool  # the vocabulary has the very word
    meanings: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Way:
    """A word of the vocabulary that a word of the search meets."""

    label: str
    how: How
    factor: float
    rarity: float


@dataclass
class Search:
    """What was found, best first, and the words that counted."""

    words: tuple[str, ...]
    hits: list[Hit] = field(default_factory=list)


def search(text: str, *, forms: Collection[str] | None = None, limit: int = LIMIT) -> Search:
    """Services for `text`, best first; any length, any character. Empty text finds nothing.

    `forms`: only services with one of these online forms. Only public services are indexed and shown.
    """
    typed = words.of_search(text.replace("\0", " "))
    asked = _asked(typed)
    ways = _ways(asked)
    if not ways:
        return Search(tuple(typed))
    rows = _score(ways, forms, limit)
    found = Service.objects.public().select_related("organisation").defer(*_NOT_IN_LISTS)
    services = found.in_bulk([row[0] for row in rows])
    least = FAINT * max((row[1] for row in rows), default=0.0)
    hits = [
        _hit(services[pk], score, matched, asked, ways)
        for pk, score, matched in rows
        if pk in services and score >= least
    ]
    return Search(tuple(typed), hits)


def _asked(typed: Sequence[str]) -> list[_Word]:
    """One query: the stems of all words, and the synonyms whose words all occur among them."""
    folded = {word: tuple(dict.fromkeys(words.fold(word))) for word in typed}
    every = [form for forms in folded.values() for form in forms]
    if not every:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            """
            with stem as materialized (
                select w, coalesce((ts_lexize('german_stem', w))[1], w) as s from unnest(%s::text[]) w
            )
            select 'stem', w, s, exists (select from directory_searchword v where v.stem = s), null::text[] from stem
            union all
            select 'synonym', term, null, null, term_stems || array['='] || meaning_stems from directory_synonym
            where term_stems <> '{}' and term_stems <@ (select array_agg(s)::varchar[] from stem)
            """,
            [every],
        )
        rows = cursor.fetchall()
    stems = {word: (stem, known) for kind, word, stem, known, _ in rows if kind == "stem"}
    meanings: dict[str, list[str]] = {}
    for kind, _, _, _, both in rows:
        if kind == "synonym":
            cut = both.index("=")
            meanings.setdefault(both[0], []).extend(both[cut + 1 :])
    result = []
    for word, forms in folded.items():
        own = tuple(dict.fromkeys(stems[form][0] for form in forms))
        known = any(stems[form][1] for form in forms)
        meant = tuple(stem for form in own for stem in meanings.get(form, ()))
        result.append(_Word(word, forms, own, known, meant))
    return result


def _ways(asked: Sequence[_Word]) -> dict[tuple[int, int], _Way]:
    """One query over the vocabulary -> (number of the word, id of the vocabulary's word) -> best way."""
    if not asked:
        return {}
    branches: list[str] = []
    values: dict[str, Any] = {}
    for name, wanted in (
        ("same", [(no, stem) for no, word in enumerate(asked) for stem in word.stems]),
        ("synonym", [(no, stem) for no, word in enumerate(asked) for stem in word.meanings]),
        ("part", [(no, part) for no, word in enumerate(asked) for part in words.parts(word.folded[0])]),
    ):
        if wanted:
            branches.append(_PART if name == "part" else _EXACT.format(how=name))
            values |= {f"{name}_nos": [no for no, _ in wanted], name: [text for _, text in wanted]}
    for no, word in enumerate(asked):
        for n, stem in enumerate(word.stems):
            key = f"{no}_{n}"
            if len(stem) >= SHORTEST_INSIDE:
                branches.append(_INSIDE.format(no=no, key=key))
                values[f"inside_{key}"] = f"%{stem}%"
            if not word.known and len(stem) >= SHORTEST_SIMILAR:
                branches.append(_SIMILAR.format(no=no, key=key))
                values[f"similar_{key}"] = stem
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(branches), values)
        return _best_ways(asked, cursor.fetchall())


def _best_ways(asked: Sequence[_Word], rows: Sequence[ROW]) -> dict[tuple[int, int], _Way]:
    """A compound is no rarer than the word in it, and counts for less where the directory knows the word itself."""
    common = {no: _rarity(frequency) for no, _, _, _, frequency, how, _ in rows if how == How.SAME}
    known = {no for no, _, _, _, _, how, _ in rows if how in (How.SAME, How.SYNONYM)}
    ways: dict[tuple[int, int], _Way] = {}
    for no, pk, stem, label, frequency, how, similarity in rows:
        factor = _factor(How(how), asked[no], stem, similarity) * (_KNOWN if how == How.INSIDE and no in known else 1)
        rarity = min(_rarity(frequency), common.get(no, 1.0))
        if how == How.SYNONYM:
            rarity = max(rarity, _EDITED)
        if factor > 0 and ((no, pk) not in ways or ways[no, pk].factor < factor):
            ways[no, pk] = _Way(label, How(how), factor, rarity)
    return ways


# One branch per word of the search: with the word itself in the statement, the trigram index is used. Each is limited:
# a common syllable must not fetch half the vocabulary.
_EXACT = """
(select t.no, w.id, w.stem, w.label, w.frequency, '{how}', 1.0::float8
    from unnest(%({how}_nos)s::int[], %({how})s::varchar[]) t(no, text) join directory_searchword w on w.stem = t.text)
"""
_PART = """
(select t.no, w.id, w.stem, w.label, w.frequency, 'part', max(length(t.text))::float8
    from unnest(%(part_nos)s::int[], %(part)s::text[]) t(no, text) join directory_searchword w
    on w.stem in (t.text, (ts_lexize('german_stem', t.text))[1]) group by t.no, w.id)
"""
_INSIDE = """
(select {no}, w.id, w.stem, w.label, w.frequency, 'inside', 1.0 from directory_searchword w
    where w.stem like %(inside_{key})s order by w.frequency desc, w.id limit 40)
"""
_SIMILAR = """
(select {no}, w.id, w.stem, w.label, w.frequency, 'similar', similarity(w.stem, %(similar_{key})s)
    from directory_searchword w where w.stem %% %(similar_{key})s order by 7 desc, w.id limit 6)
"""


def _factor(how: How, word: _Word, stem: str, similarity: float) -> float:
    """0..1: how much this word of the vocabulary is what was typed."""
    longest = max(map(len, word.folded))
    match how:
        case How.SAME:
            return 1.0
        case How.SYNONYM:
            return 0.9
        case How.INSIDE:
            begins = any(stem.startswith(own) for own in word.stems)
            ends = any(stem.endswith(own) for own in word.stems)
            share = min(1.0, max(map(len, word.stems)) / len(stem))
            if begins:
                return 0.25 + 0.5 * share
            return 0.35 + 0.4 * share if ends and longest >= 4 else 0.2 * share if longest >= 5 else 0.0
        case How.PART:
            return 0.6 * similarity / longest
        case How.SIMILAR:
            return similarity * 0.8 if similarity >= 0.4 else 0.0
    return 0.0


def _rarity(frequency: int) -> float:
    """A word of one service says more than one of a hundred: 1.0 for one, 0.46 for ten, 0.2 for a thousand."""
    return 1 / (1 + math.log(max(frequency, 1)) / 2)


def _needs(ways: Mapping[tuple[int, int], _Way]) -> dict[int, float]:
    """Number of the word -> how rare it is at best: a service that lacks a telling word falls further behind."""
    needs: dict[int, float] = {}
    for (no, _), way in ways.items():
        needs[no] = max(needs.get(no, 0.0), way.rarity * way.factor)
    return needs


def _score(
    ways: dict[tuple[int, int], _Way], forms: Collection[str] | None, limit: int
) -> list[tuple[int, float, list[tuple[int, int, int]]]]:
    """(service id, score, [(number of the word, id of the vocabulary's word, place)]), best first."""
    needs = _needs(ways)
    with connection.cursor() as cursor:
        cursor.execute(
            _SCORE.format(only="" if forms is None else _ONLY_FORMS),
            {
                "nos": [no for no, _ in ways],
                "ids": [pk for _, pk in ways],
                "factors": [way.factor * way.rarity for way in ways.values()],
                "needs": [needs[no] for no, _ in ways],
                "needed": sum(needs.values()),
                "forms": list(forms or ()),
                "limit": limit,
            },
        )
        return [
            (pk, score, list(zip(nos, ids, places, strict=True))) for pk, score, nos, ids, places in cursor.fetchall()
        ]


_SCORE = """
with best as (
    select distinct on (e.service_id, way.no) e.service_id, way.no, way.word_id, e.place, way.need,
        e.weight * way.factor as score
    from unnest(%(nos)s::int[], %(ids)s::bigint[], %(factors)s::float8[], %(needs)s::float8[])
        way(no, word_id, factor, need)
        join directory_searchentry e on e.word_id = way.word_id
    {only}
    order by e.service_id, way.no, e.weight * way.factor desc, way.word_id
)
select service_id, sum(score) * (sum(need) / %(needed)s) ^ 0.7 as score,
    array_agg(no order by no), array_agg(word_id order by no), array_agg(place order by no)
from best group by service_id order by score desc, service_id limit %(limit)s
"""
_ONLY_FORMS = "where e.service_id in (select id from directory_service where form_slug = any(%(forms)s))"


def _hit(
    service: Service,
    score: float,
    found: list[tuple[int, int, int]],
    asked: Sequence[_Word],
    ways: dict[tuple[int, int], _Way],
) -> Hit:
    rarest = {no: max((way.rarity for (n, _), way in ways.items() if n == no), default=1.0) for no in range(len(asked))}
    matches, covered = [], 0.0
    for no, pk, place in found:
        way = ways[no, pk]
        matches.append(Match(asked[no].typed, way.label, way.how, Place(place), way.factor))
        if place != Place.TEXT:
            covered += rarest[no] * way.factor
    return Hit(service, score, tuple(matches), covered / sum(rarest.values()))


def _why(match: Match) -> str:
    place = match.place.label
    match match.how:
        case How.SAME:
            return f"„{match.word}“ {place}"
        case How.SYNONYM:
            return f"„{match.word}“ bedeutet „{match.found}“ {place}"
        case How.SIMILAR:
            return f"ähnlich wie „{match.word}“: „{match.found}“ {place}"
        case _:
            return f"„{match.word}“ passt zu „{match.found}“ {place}"
