"""The checks a definition may name, by the words its authors use."""

from forms_engine.definitions import identifiers, validators
from forms_engine.definitions.validators import DateCheck, TextCheck

TEXT_CHECKS: dict[str, TextCheck] = {
    "kfz_kennzeichen": validators.kfz_kennzeichen,
    "plz_de": validators.plz_de,
    "plz_muenchen": validators.plz_muenchen,
    "name": validators.name,
    "latein": validators.latein,
    "strasse_hausnummer": validators.strasse_hausnummer,
    "email": validators.email,
    "phone": validators.phone,
    "iban": validators.iban,
    "steuer_id": identifiers.steuer_id,
    "ust_id": identifiers.ust_id,
    "hundechip": identifiers.hundechip,
    "fin": identifiers.fin,
    "ausweisnummer": identifiers.ausweisnummer,
    "registernummer": identifiers.registernummer,
    "kassenkonto": identifiers.kassenkonto,
    "fuehrerscheinnummer": identifiers.fuehrerscheinnummer,
    "imei": identifiers.imei,
    "url": identifiers.url,
}
DATE_CHECKS: dict[str, DateCheck] = {
    "geburtsdatum": validators.geburtsdatum,
    "nicht_zukunft": validators.nicht_zukunft,
    "nach_heute": validators.nach_heute,
}
