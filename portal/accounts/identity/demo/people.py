"""Invented people of the demo's identity providers, and the ways in which they can prove who they are."""

import dataclasses

from portal.accounts.levels import TrustLevel


@dataclasses.dataclass(frozen=True)
class Way:
    key: str
    name: str
    stork: int
    level: TrustLevel
    trust: str  # how the provider marks what this way proves


WAYS = (
    Way("passwort", "Benutzername und Passwort", 1, TrustLevel.BASIC, "NORMAL"),
    Way("elster", "ELSTER-Zertifikat", 3, TrustLevel.SUBSTANTIAL, "SUBSTANTIELL"),
    Way("ausweis", "Online-Ausweis", 4, TrustLevel.HIGH, "HOCH"),
)


@dataclasses.dataclass(frozen=True)
class Person:
    key: str
    given_name: str
    family_name: str
    birth_date: str
    street: str
    postcode: str
    place: str
    email: str

    def attributes(self, provider: str, way: Way) -> tuple[tuple[str, str, str | None], ...]:
        """(OID, value, TrustLevel). The pseudonym differs between providers, as it does in reality."""
        return (
            ("1.3.6.1.4.1.25484.494450.3", f"demo-{provider}-{self.key}", way.trust),
            ("1.2.40.0.10.2.1.1.261.94", f"STORK-QAA-Level-{way.stork}", way.trust),
            ("2.5.4.42", self.given_name, way.trust),
            ("2.5.4.4", self.family_name, way.trust),
            ("1.2.40.0.10.2.1.1.55", self.birth_date, way.trust),
            ("2.5.4.16", self.street, way.trust),
            ("2.5.4.17", self.postcode, way.trust),
            ("2.5.4.7", self.place, way.trust),
            ("0.9.2342.19200300.100.1.3", self.email, "UNTERGEORDNET"),
        )


PEOPLE = (
    Person("alice", "Alice", "Ammer", "1988-04-12", "Ruppertstraße 1", "80337", "München", "alice@post.invalid"),
    Person("erika", "Erika", "Ebner", "1964-08-12", "Heidestraße 17", "80331", "München", "erika@post.invalid"),
    Person(
        "milan", "Milan", "Đorđević", "1979-11-30", "Schwanthalerstraße 80", "80336", "München", "milan@post.invalid"
    ),
)
