"""What the apps below announce."""

from forms_engine.intake import filing


def case_disposed(key: str) -> None:
    filing.empty_of_case(key)
