"""Read XDatenfelder 2 and 3.0.0 into the model: strict about structure, lenient about order and characters.

What a file may hold stands in tables, so whatever we do not know is refused with its line and never lost in silence.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any, cast, get_args

from forms_engine.fim import limits, model
from forms_engine.fim.xml import FimError, Node, Problem, parse

SPACES: Mapping[str, str] = {
    "urn:xoev-de:fim:standard:xdatenfelder_2": "2",
    "urn:xoev-de:fim:standard:xdatenfelder_3.0.0": "3.0.0",
}
ROOTS = {
    "xdatenfelder.stammdatenschema.0102": "0102",
    "xdatenfelder.datenfeldgruppe.0103": "0103",
    "xdatenfelder.datenfeld.0104": "0104",
}
MAX_PARTS = 5000
MAX_PROBLEMS = 50

# How often a child may stand in an element: "1" exactly once, "?" at most once, "*" any number, "+" at least once.
_ABOUT2 = {
    "identifikation": "1",
    "name": "1",
    "bezeichnungEingabe": "?",
    "bezeichnungAusgabe": "?",
    "beschreibung": "?",
    "definition": "?",
    "bezug": "?",
    "status": "?",
    "gueltigAb": "?",
    "gueltigBis": "?",
    "fachlicherErsteller": "?",
    "versionshinweis": "?",
    "freigabedatum": "?",
    "veroeffentlichungsdatum": "?",
}
_ABOUT3 = {
    "identifikation": "1",
    "name": "1",
    "beschreibung": "?",
    "definition": "?",
    "bezug": "*",
    "freigabestatus": "1",
    "statusGesetztAm": "?",
    "statusGesetztDurch": "?",
    "gueltigAb": "?",
    "gueltigBis": "?",
    "versionshinweis": "?",
    "veroeffentlichungsdatum": "?",
    "letzteAenderung": "1",
    "stichwort": "*",
}
_SHOWN2 = {**_ABOUT2, "schemaelementart": "1", "hilfetextEingabe": "?", "hilfetextAusgabe": "?"}
_SHOWN3 = {
    **_ABOUT3,
    "bezeichnungEingabe": "1",
    "bezeichnungAusgabe": "?",
    "schemaelementart": "1",
    "hilfetextEingabe": "?",
    "hilfetextAusgabe": "?",
}
_DERIVED = {"ableitungsmodifikationenStruktur": "1", "ableitungsmodifikationenRepraesentation": "1"}
CHILDREN: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "2": {
        "stammdatenschema": {**_ABOUT2, "hilfetext": "?", **_DERIVED, "regel": "*", "struktur": "*"},
        "datenfeldgruppe": {**_SHOWN2, "regel": "*", "struktur": "*"},
        "datenfeld": {
            **_SHOWN2,
            "feldart": "1",
            "datentyp": "1",
            "praezisierung": "?",
            "inhalt": "?",
            "codelisteReferenz": "?",
            "regel": "*",
        },
        "regel": {**_ABOUT2, "script": "?"},
        "codelisteReferenz": {"identifikation": "1", "genericodeIdentification": "1"},
        "header": {"nachrichtID": "1", "erstellungszeitpunkt": "1", "referenzID": "?"},
        "struktur": {"anzahl": "1", "bezug": "?", "enthaelt": "1"},
    },
    "3.0.0": {
        "stammdatenschema": {
            **_ABOUT3,
            "bezeichnung": "1",
            "hilfetext": "?",
            **_DERIVED,
            "dokumentsteckbrief": "1",
            "regel": "*",
            "struktur": "+",
        },
        "datenfeldgruppe": {**_SHOWN3, "art": "?", "regel": "*", "struktur": "+"},
        "datenfeld": {
            **_SHOWN3,
            "feldart": "1",
            "datentyp": "1",
            "praezisierung": "?",
            "inhalt": "?",
            "vorbefuellung": "1",
            "werte": "?",
            "codelisteReferenz": "?",
            "codeKey": "?",
            "nameKey": "?",
            "helpKey": "?",
            "regel": "*",
            "maxSize": "?",
            "mediaType": "*",
        },
        "regel": {
            "identifikation": "1",
            "name": "1",
            "beschreibung": "?",
            "freitextRegel": "?",
            "bezug": "*",
            "stichwort": "*",
            "fachlicherErsteller": "?",
            "letzteAenderung": "1",
            "typ": "1",
            "param": "*",
            "ziel": "*",
            "skript": "?",
            "fehler": "*",
        },
        "codelisteReferenz": {"canonicalIdentification": "?", "version": "?", "canonicalVersionUri": "?"},
        "header": {
            "nachrichtID": "1",
            "erstellungszeitpunkt": "1",
            "referenzID": "?",
            "produktbezeichnung": "?",
            "produkthersteller": "?",
            "produktversion": "?",
            "datenqualitaet": "?",
        },
        "struktur": {"anzahl": "1", "bezug": "*", "enthaelt": "1"},
    },
}
_IDENT = {"id": "1", "version": "?"}
_GENERICODE = {"canonicalIdentification": "?", "version": "?", "canonicalVersionUri": "?"}
Children = dict[str, list[Node]]


def read(data: bytes) -> model.Message:
    """Raises FimError with every problem found, in the order of the file."""
    root = parse(data)
    standard = SPACES.get(root.space)
    if standard is None:
        raise FimError([root.problem(_space_sentence(root.space))])
    if root.name not in ROOTS:
        sentence = f"„{root.name}“ ist kein Datenschema (0102), keine Datenfeldgruppe (0103) und kein Datenfeld (0104)."
        raise FimError([root.problem(sentence)])
    reader = _Reader(standard, root.space)
    message = reader.message(root)
    if reader.problems:
        raise FimError(sorted(reader.problems)[:MAX_PROBLEMS])
    return message


def _space_sentence(space: str) -> str:
    if space == "urn:xoev-de:fim:standard:xdatenfelder_1":
        return "Das ist XDatenfelder 1. Möglich sind die Fassungen 2 und 3.0.0."
    return f"Der Namensraum „{space or 'ohne Namen'}“ gehört nicht zu XDatenfelder 2 oder 3.0.0."


def words(node: Node | None) -> str:
    """The text of a node: NFC, lines trimmed, paragraphs kept."""
    if node is None:
        return ""
    text = unicodedata.normalize("NFC", node.text)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(" ".join(line.split()) for line in text.split("\n"))).strip()


def long_id(ident: str) -> str:
    """An id of XDatenfelder 2 (F60000243) as XDatenfelder 3 writes it (F60000000243); others stay."""
    return f"{ident[:3]}000{ident[3:]}" if re.fullmatch(r"[A-Z]\d{8}", ident) else ident


class _Reader:
    def __init__(self, standard: str, space: str):
        self.standard, self.space = standard, space
        self.old = standard == "2"
        self.tables = CHILDREN[standard]
        self.problems: list[Problem] = []
        self.parts = 0

    def wrong(self, node: Node, sentence: str) -> None:
        self.problems.append(node.problem(sentence))

    def children(self, node: Node, table: Mapping[str, str]) -> Children:
        """The children by name; what is unknown, missing or doubled becomes a problem."""
        found: Children = {name: [] for name in table}
        for child in node.children:
            if child.name not in table or child.space != self.space:
                self.wrong(child, f"Das Element „{child.name}“ gibt es in „{node.name}“ nicht.")
                continue
            found[child.name].append(child)
        for name, many in table.items():
            if many in "1+" and not found[name]:
                self.wrong(node, f"In „{node.name}“ fehlt das Element „{name}“.")
            for doubled in found[name][1:] if many in "1?" else ():
                self.wrong(doubled, f"Das Element „{name}“ darf in „{node.name}“ nur einmal stehen.")
        return found

    def code(self, node: Node | None, allowed: Iterable[str] | None = None) -> str:
        """The code in <code>, which stands in no name space."""
        if node is None:
            return ""
        codes = [child for child in node.children if child.name == "code" and child.space in ("", self.space)]
        if len(codes) != 1:
            self.wrong(node, f"In „{node.name}“ muss genau ein „code“ stehen.")
            return ""
        value = " ".join(codes[0].text.split())
        if allowed is not None and value not in allowed:
            self.wrong(codes[0], f"Den Wert „{value}“ gibt es für „{node.name}“ nicht.")
        return value

    def ident(self, node: Node | None, letters: str = "") -> model.Ident:
        if node is None:
            return model.Ident("")
        found = self.children(node, _IDENT)
        ident, version = (words(_first(found, name)) for name in ("id", "version"))
        if found["id"] and not re.fullmatch(r"[A-Za-z][A-Za-z0-9._-]{0,63}", ident):
            self.wrong(found["id"][0], f"„{ident[:40]}“ ist keine FIM-Nummer wie F60000000243.")
        if version and not re.fullmatch(r"\d{1,6}\.\d{1,6}" if self.old else r"\d{1,6}\.\d{1,6}\.\d{1,6}", version):
            self.wrong(found["version"][0], f"„{version[:40]}“ ist keine Versionsnummer.")
        return model.Ident(long_id(ident), f"{version}.0" if self.old and version else version)

    def bases(self, nodes: list[Node]) -> tuple[model.Basis, ...]:
        found = (model.Basis(words(node), node.attributes.get("link", "").strip()) for node in nodes)
        return tuple(basis for basis in found if basis.text or basis.link)

    def keywords(self, found: Children) -> tuple[model.Keyword, ...]:
        return tuple(model.Keyword(words(n), n.attributes.get("uri", "")) for n in found.get("stichwort", ()))

    def about(self, node: Node, found: Children) -> model.About:
        if self.old:
            status = {"aktiv": "5", "inaktiv": "7", "inVorbereitung": "2"}.get(self.code(_first(found, "status")), "2")
            status_on, by = words(_first(found, "freigabedatum")), words(_first(found, "fachlicherErsteller"))
            changed = ""
        else:
            status = self.code(_first(found, "freigabestatus"))
            status_on, by = (words(_first(found, name)) for name in ("statusGesetztAm", "statusGesetztDurch"))
            changed = words(_first(found, "letzteAenderung"))
        said = {name: words(_first(found, name)) for name in self.tables["regel"].keys() | found.keys()}
        return model.About(
            name=said["name"],
            description=said["beschreibung"],
            definition=said.get("definition", ""),
            bases=self.bases(found["bezug"]),
            status=status,
            status_on=status_on,
            status_by=by,
            valid_from=said.get("gueltigAb", ""),
            valid_until=said.get("gueltigBis", ""),
            version_note=said.get("versionshinweis", ""),
            published=said.get("veroeffentlichungsdatum", ""),
            changed=changed,
            keywords=self.keywords(found),
            relations=node.skipped,
        )

    def message(self, root: Node) -> model.Message:
        number = ROOTS[root.name]
        body = root.name.split(".")[1]
        found = self.children(root, {"header": "1", body: "1"})
        header = self.children(found["header"][0], self.tables["header"]) if found["header"] else {}
        schema = self.schema_of(found[body][0], number) if found[body] else None
        return model.Message(
            standard=cast(Any, self.standard),
            number=cast(Any, number),
            message_id=words(_first(header, "nachrichtID")),
            created=words(_first(header, "erstellungszeitpunkt")),
            schema=cast(model.Schema, schema),  # None only beside a problem, which read() raises
        )

    def schema_of(self, node: Node, number: str) -> model.Schema:
        if number == "0102":
            return self.schema(node)
        element = self.group(node, ()) if number == "0103" else self.field(node)
        part = model.Part(1, 1, element, line=node.line)
        title = element.label or element.about.name
        return model.Schema(element.ident, element.about, title, element.help, (part,), line=node.line)

    def schema(self, node: Node) -> model.Schema:
        found = self.children(node, self.tables["stammdatenschema"])
        about = self.about(node, found)
        profile = _first(found, "dokumentsteckbrief")
        return model.Schema(
            ident=self.ident(_first(found, "identifikation")),
            about=about,
            title=words(_first(found, "bezeichnungEingabe" if self.old else "bezeichnung")) or about.name,
            help=words(_first(found, "hilfetext")),
            parts=self.structure(found["struktur"], ()),
            profile=self.ident(profile) if profile else model.Ident("D99000000001"),
            derive_structure=self.code(_first(found, "ableitungsmodifikationenStruktur"), "0123"),
            derive_presentation=self.code(_first(found, "ableitungsmodifikationenRepraesentation"), "01"),
            rules=tuple(self.rule(rule) for rule in found["regel"]),
            line=node.line,
        )

    def structure(self, nodes: list[Node], above: tuple[model.Ident, ...]) -> tuple[model.Part, ...]:
        return tuple(part for node in nodes if (part := self.part(node, above)))

    def part(self, node: Node, above: tuple[model.Ident, ...]) -> model.Part | None:
        self.parts += 1
        if self.parts > MAX_PARTS:
            raise FimError([node.problem(f"Das Schema hat mehr als {MAX_PARTS} Felder und Gruppen.")])
        found = self.children(node, self.tables["struktur"])
        bounds = self.count(_first(found, "anzahl"))
        holder = _first(found, "enthaelt")
        if holder is None:
            return None
        inside = self.children(holder, {"datenfeld": "?", "datenfeldgruppe": "?"})
        elements = inside["datenfeld"] + inside["datenfeldgruppe"]
        if len(elements) != 1:
            self.wrong(holder, "In „enthaelt“ muss genau ein Datenfeld oder eine Datenfeldgruppe stehen.")
            return None
        is_field = elements[0].name == "datenfeld"
        element = self.field(elements[0]) if is_field else self.group(elements[0], above)
        return model.Part(*bounds, element, self.bases(found["bezug"]), line=node.line)

    def count(self, node: Node | None) -> tuple[int, int | None]:
        found = re.fullmatch(r"(\d{1,9}):(\*|n|\d{1,9})", words(node)) if node else None
        if node and not found:
            self.wrong(node, f"„{words(node)[:40]}“ ist keine Anzahl wie 0:1 oder 1:*.")
        if not node or not found:
            return 0, 1
        low, high = int(found[1]), None if found[2] in "*n" else int(found[2])
        if high is not None and (high == 0 or low > high):
            self.wrong(node, f"Die Anzahl {found[0]} ist nicht möglich (QS 1046, 1047).")
        return low, high

    def shown(self, node: Node, found: Children) -> dict[str, Any]:
        """What groups and fields have in common."""
        origin = self.code(_first(found, "schemaelementart"), ("ABS", "HAR", "RNG"))
        texts = {name: words(_first(found, name)) for name in self.tables["datenfeld"] if name in _SHOWN3}
        return {
            "ident": self.ident(_first(found, "identifikation")),
            "about": self.about(node, found),
            "label": texts["bezeichnungEingabe"],
            "label_out": texts["bezeichnungAusgabe"],
            "help": texts["hilfetextEingabe"],
            "help_out": texts["hilfetextAusgabe"],
            "origin": origin,
            "rules": tuple(self.rule(rule) for rule in found["regel"]),
            "line": node.line,
        }

    def group(self, node: Node, above: tuple[model.Ident, ...]) -> model.Group:
        found = self.children(node, self.tables["datenfeldgruppe"])
        common = self.shown(node, found)
        if common["ident"] in above:
            self.wrong(node, f"Die Gruppe {common['ident']} enthält sich selbst.")
            return model.Group(**common, parts=())
        choice = self.code(_first(found, "art"), ("X",)) == "X"
        return model.Group(**common, parts=self.structure(found["struktur"], (*above, common["ident"])), choice=choice)

    def field(self, node: Node) -> model.Field:
        found = self.children(node, self.tables["datenfeld"])
        common = self.shown(node, found)
        kind = self.code(_first(found, "feldart"), get_args(model.Kind))
        data_type = self.code(_first(found, "datentyp"), get_args(model.DataType))
        precision = _first(found, "praezisierung")
        if self.old:
            bounds = limits.from_text(words(precision), data_type)
        else:
            bounds = limits.from_attributes(precision.attributes if precision else {}, words(precision))
        size = words(_first(found, "maxSize"))
        if size and not re.fullmatch(r"[1-9]\d{0,15}", size):
            self.wrong(found["maxSize"][0], f"„{size[:40]}“ ist keine Dateigröße in Bytes.")
            size = ""
        return model.Field(
            **common,
            kind=cast(model.Kind, kind),
            type=cast(model.DataType, data_type),
            limits=bounds,
            content=words(_first(found, "inhalt")),
            prefill=self.code(_first(found, "vorbefuellung"), ("keine", "optional", "verpflichtend")) or "keine",
            values=self.values(_first(found, "werte")),
            list_ref=self.list_ref(found),
            max_size=int(size) if size else None,
            media_types=tuple(words(media) for media in found.get("mediaType", ())),
        )

    def values(self, node: Node | None) -> tuple[model.Value, ...]:
        if node is None:
            return ()
        values, seen = [], set()
        for entry in self.children(node, {"wert": "+"})["wert"]:
            found = self.children(entry, {"code": "1", "name": "1", "hilfe": "?"})
            value = model.Value(*(words(_first(found, name)) for name in ("code", "name", "hilfe")))
            if value.code in seen:
                self.wrong(entry, f"Der Code „{value.code}“ steht zweimal in der Werteliste (QS 1045).")
            if not value.code and found["code"]:
                self.wrong(entry, "Ein Wert der Werteliste hat keinen Code.")
            seen.add(value.code)
            values.append(value)
        return tuple(values)

    def list_ref(self, found: Children) -> model.ListRef | None:
        node = _first(found, "codelisteReferenz")
        if node is None:
            return None
        inside = self.children(node, self.tables["codelisteReferenz"])
        file = ""
        if self.old:
            file = self.ident(_first(inside, "identifikation")).id
            named = _first(inside, "genericodeIdentification")
            inside = self.children(named, _GENERICODE) if named else {}
        uri, version, version_uri = (" ".join(words(_first(inside, name)).split()) for name in _GENERICODE)
        keys = (words(_first(found, name)) for name in ("codeKey", "nameKey", "helpKey"))
        # Real files give the plain URI as "with version" where no version is given.
        return model.ListRef(uri, version, version_uri if version_uri != uri else "", file, *keys)

    def rule(self, node: Node) -> model.Rule:
        found = self.children(node, self.tables["regel"])
        said: Callable[[str], str] = lambda name: words(_first(found, name))  # noqa: E731 - short and local
        ident, bases = self.ident(_first(found, "identifikation")), self.bases(found["bezug"])
        if self.old:
            return model.Rule(
                ident,
                said("name"),
                said("definition"),
                description=said("beschreibung"),
                bases=bases,
                creator=said("fachlicherErsteller"),
                script=said("script"),
                line=node.line,
            )
        return model.Rule(
            ident,
            said("name"),
            said("freitextRegel"),
            description=said("beschreibung"),
            bases=bases,
            keywords=self.keywords(found),
            creator=said("fachlicherErsteller"),
            changed=said("letzteAenderung"),
            type=self.code(_first(found, "typ"), "KMVB"),
            parameters=tuple(self.parameter(param) for param in found["param"]),
            targets=tuple((n.attributes.get("element", ""), n.attributes.get("name", "")) for n in found["ziel"]),
            script=said("skript"),
            errors=tuple(model.RuleError(n.attributes.get("code", ""), words(n)) for n in found["fehler"]),
            line=node.line,
        )

    def parameter(self, node: Node) -> tuple[str, str, str]:
        found = self.children(node, {"typ": "1"})
        return node.attributes.get("element", ""), node.attributes.get("name", ""), words(_first(found, "typ"))


def _first(found: Children, name: str) -> Node | None:
    nodes = found.get(name)
    return nodes[0] if nodes else None
