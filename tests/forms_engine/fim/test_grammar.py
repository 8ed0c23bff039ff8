"""Sentences as released schemas have them, in our own words: translated surely, or not at all."""

import pytest

from forms_engine.fim import genericode
from forms_engine.fim.conditions import FALSE, TRUE, Filled, Is, Not, Several
from forms_engine.fim.grammar import (
    AtLeastOne,
    Before,
    ExactlyOne,
    Fixed,
    RealDate,
    Require,
    Show,
    Without,
    effects,
)
from forms_engine.fim.places import Places
from forms_engine.fim.sentences import Unsure
from tests.forms_engine.fim.samples import field, group, part, schema

ART = [("001", "privat"), ("002", "geschäftlich"), ("003", "gemischt (beides)")]
PLACES = Places(
    schema(
        part(field(1, "Angestellt", type="bool")),
        part(field(2, "Art", kind="select", values=ART)),
        part(field(3, "Betrieb"), "0:1"),
        part(field(4, "Beginn", type="date"), "0:1"),
        part(field(5, "Ende", type="date"), "0:1"),
        part(field(6, "Tag", type="num_int"), "0:1"),
        part(field(7, "Monat", type="num_int"), "0:1"),
        part(field(8, "Jahr", type="num_int")),
        part(group(1, "Wohnung", part(field(3, "Betrieb"))), "0:1"),
        part(group(2, "Büro", part(field(9, "Stock"))), "0:1"),
        part(field(10, "Liste", kind="select")),
        part(field(11, "Gewerbe", type="bool"), "0:1"),
    ),
    genericode.Store(),
)
F = {number: f"F99{number:09d}" for number in range(1, 13)}
G = {number: f"G99{number:09d}" for number in range(1, 4)}
YES = Is(F[1], frozenset({"true"}))
PRIVATE = Is(F[2], frozenset({"001"}))


def said(text, at=""):
    for number, ident in F.items():
        text = text.replace(f"<F{number}>", ident)
    for number, ident in G.items():
        text = text.replace(f"<G{number}>", ident)
    return effects(text, PLACES, at)


SURE = [
    (
        'Wenn das Feld <F1> "Angestellt" = "wahr", dann muss das Feld <F4> "Beginn" befüllt werden. Wenn das Feld <F1> '
        '"Angestellt" <> "wahr", dann darf das Feld <F4> "Beginn" nicht angezeigt werden.',
        Show(F[4], YES, must=True),
    ),
    ("WENN <F1> 'Angestellt' = JA, DANN aktiviere <G1>. WENN <F1> = NEIN, DANN deaktiviere <G1>.", Show(G[1], YES)),
    ('Wenn Feld <F1> Angestellt === "Ja", dann zeige <F4> Beginn an, bei <> "Ja" blende <F4> aus.', Show(F[4], YES)),
    ("Wenn <F1> == Ja, dann zeige <F4> als Pflichtfeld an, sonst zeige die Felder nicht an.", Show(F[4], YES, True)),
    ("Wenn <F1> = wahr, dann zeige <F4> Beginn, ansonsten nicht.", Show(F[4], YES)),
    ("WENN <F1> = FALSCH, DANN zeige <F4> an, SONST zeige <F4> nicht an.", Show(F[4], Is(F[1], frozenset({"false"})))),
    ("Wenn <F1> = Ja, dann muss <F4> befüllt werden.", Require(F[4], YES)),
    (
        "Wenn im Datenfeld <F2> der Wert 001 angegeben wurde, dann soll <F4> zum Pflichtfeld werden.",
        Require(F[4], PRIVATE),
    ),
    ('Wenn bei <F2> "001 privat" angegeben wird, dann wird <G1> eine Pflichtangabe.', Require(G[1], PRIVATE)),
    (
        'WENN in Datenfeld <F2> "Art" Auswahl = 001=privat, DANN ist <F4> als Pflichtfeld anzuzeigen.',
        Show(F[4], PRIVATE, True),
    ),
    (
        'Wenn <F2> = (001 "privat" ODER 002 "geschäftlich"), dann zeige <F4> an.',
        Show(F[4], Is(F[2], frozenset({"001", "002"}))),
    ),
    ("Wenn <F2> = 001 ODER = 002, dann zeige <F4> an.", Show(F[4], Is(F[2], frozenset({"001", "002"})))),
    ("Wenn <F2> <> 001 UND <> 002, dann zeige <F4> an.", Show(F[4], Not(Is(F[2], frozenset({"001", "002"}))))),
    (
        "Wenn <F2> = 001, dann zeige <F4> an. Wenn <F2> = alle anderen Ausprägungen, dann blende <F4> aus.",
        Show(F[4], PRIVATE),
    ),
    (
        "Wenn <F1> = Ja UND <F11> = Nein, dann zeige <F4> an.",
        Show(F[4], Several(True, (YES, Is(F[11], frozenset({"false"}))))),
    ),
    ("Wenn <F6> nicht leer, dann darf <F7> nicht leer sein.", Require(F[7], Filled(F[6]))),
    (
        'Wenn im Datenfeld <F6> der Wert "" angegeben wurde, dann soll <F7> zum Pflichtfeld werden.',
        Require(F[7], Not(Filled(F[6]))),
    ),
    ('"<F4> Beginn" ist nur dann zu befüllen, wenn "<F1> Angestellt" bejaht wurde.', Show(F[4], YES)),
    (
        '<F4> ist ein Pflichtfeld, wenn eines der Felder <F1>, <F11> mit "Ja" belegt ist.',
        Require(F[4], Several(False, (YES, Is(F[11], frozenset({"true"}))))),
    ),
    (
        'Es muss entweder Feldgruppe <G1> "Wohnung" oder Feldgruppe <G2> "Büro" befüllt werden.',
        ExactlyOne((G[1], G[2])),
    ),
    ("Es muss mindestens eines der Felder <F4>, <F5> oder <F6> befüllt sein.", AtLeastOne((F[4], F[5], F[6]))),
    ('Mindestens eines der Felder <F1> oder <F11> muss den Wert "wahr" haben.', AtLeastOne((F[1], F[11]), true=True)),
    ("Das Datum im Feld <F4> muss zeitlich vor dem Datum in Feld <F5> liegen.", Before(F[4], F[5])),
    (
        "Wenn alle drei Felder <F6>, <F7> und <F8> befüllt sind, muss die Validität des sich ergebenden Kalenderdatums "
        "sichergestellt werden. D.h. …",
        RealDate(F[6], F[7], F[8]),
    ),
    (
        'Das Feld <F2> "Art" ist mit 001 "privat" vorzubefüllen und in der Antragsstrecke auszublenden.',
        Fixed(F[2], "001"),
    ),
    ("Im Datenfeld <F2> darf Auswahl 003=gemischt (beides) nicht ausgewählt werden.", Without(F[2], "003")),
    (
        "Für das Land TH gilt: <F4> muss befüllt werden. "
        "Für alle anderen Länder gilt: <F4> darf nicht angezeigt werden.",
        Show(F[4], FALSE),
    ),
    (
        "Für die Länder TH, BY gilt: <F4> muss befüllt werden. "
        "Für alle anderen Länder gilt: <F4> darf nicht angezeigt werden.",
        Show(F[4], TRUE, True),
    ),
    (
        "<F4> muss für alle Länder außer RP und ST befüllt werden. Für RP und ST darf es nicht angezeigt werden.",
        Show(F[4], TRUE, True),
    ),
]


@pytest.mark.parametrize(("text", "effect"), SURE)
def test_a_sentence_of_the_grammar_is_translated(text, effect):
    assert said(text) == (effect,)


UNSURE = [
    ("", "keinen Text"),
    ("Die Angaben sind mit Augenmaß zu würdigen.", "kein Feld"),
    ("Wenn <F1> = Ja, dann zeige <F4> an. " * 200, "zu lang"),
    # Clauses that do not say the opposite of each other: an editor's slip of the pen.
    ('Wenn <F1> = "Ja", dann zeige <F4> an, bei <> "Nein" blende <F4> aus.', "kein Gegensatz"),
    ("Wenn <F2> = 001, dann zeige <F4> an, wenn <F2> = 002, dann blende <F4> aus.", "kein Gegensatz"),
    # UND and ODER without brackets may be read in two ways.
    ("Wenn <F1> = Ja UND <F11> = Ja ODER <F2> = 001, dann zeige <F4> an.", "ohne Klammern"),
    ("Wenn <F2> = (001 UND 002), dann zeige <F4> an.", "Klammer"),
    # Values that are not in the list, or whose name contradicts their code.
    ("Wenn <F2> = 004, dann zeige <F4> an.", "nicht in der Codeliste"),
    ('Wenn <F2> = 001 "geschäftlich", dann zeige <F4> an.', "nicht in der Codeliste"),
    ("Wenn <F2> = 01, dann zeige <F4> an.", "nicht in der Codeliste"),
    ("Wenn <F10> = 001, dann zeige <F4> an.", "fehlt"),
    ("Wenn <F3> = Ja, dann zeige <F4> an.", "mehrmals"),
    ("Wenn F99000000077 = Ja, dann zeige <F4> an.", "gibt es im Schema nicht"),
    ("Wenn <F8> < 18 Jahre, dann zeige <F4> an.", ""),
    ("Wenn <F1> = Ja, dann zeige <F4> vielleicht an.", ""),
    ("Wenn <F1> = Ja, dann muss <F4> befüllt werden, außer am Sonntag.", ""),
    ("Für das Land TH gilt: <F4> muss befüllt werden.", "anderen Länder"),
    ("Es muss mindestens eines der Felder <F4> oder <F5> befüllt sein, außer bei Kindern.", ""),
]


@pytest.mark.parametrize(("text", "reason"), UNSURE)
def test_anything_else_is_left_to_the_author(text, reason):
    with pytest.raises(Unsure) as unsure:
        said(text)
    assert reason in str(unsure.value)


def test_a_number_means_the_element_nearest_to_the_rule():
    assert said("Wenn <F3> nicht leer, dann zeige <F9> an.", at=G[1]) == (
        Show(f"{G[2]}/{F[9]}", Filled(f"{G[1]}/{F[3]}")),
    )


def test_a_dotted_path_names_one_of_several():
    assert said("Wenn <G1>.<F3> nicht leer, dann zeige <F4> an.") == (Show(F[4], Filled(f"{G[1]}/{F[3]}")),)


def test_the_name_behind_a_number_may_differ_from_the_schema():
    assert said('Wenn <F1> "Heißt heute anders" = Ja, dann zeige <F4> an.') == (Show(F[4], YES),)
    assert said("Wenn <F1> Heißt heute anders === Ja, dann zeige <F4> an.") == (Show(F[4], YES),)
