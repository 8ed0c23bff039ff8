"""Texts in several languages. German always exists; others fall back to it (rule F54)."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Strict(BaseModel):
    """Base of everything in a definition: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


Language = Literal["de", "en", "de-simple"]  # de-simple: Leichte Sprache


class Text(Strict):
    """A sentence or paragraph. In YAML either a plain string (German) or {de: ..., en: ..., de-simple: ...}."""

    de: str = Field(min_length=1, max_length=4000)
    en: str = Field(default="", max_length=4000)
    simple: str = Field(default="", max_length=4000, alias="de-simple")

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_german(cls, value: Any) -> Any:
        return {"de": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.de

    def in_language(self, code: str) -> str:
        """The text in a language, "" where it does not exist."""
        return {"de": self.de, "en": self.en, "de-simple": self.simple}[code]
