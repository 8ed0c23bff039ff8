"""Texts in several languages. German always exists; others fall back to it (rule F54)."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator


class Strict(BaseModel):
    """Base of everything in a definition: unknown keys are refused, values never change."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


class Text(Strict):
    """A sentence or paragraph. In YAML either a plain string (German) or {de: ..., en: ...}."""

    de: str = Field(min_length=1, max_length=4000)
    en: str = Field(default="", max_length=4000)

    @model_validator(mode="before")
    @classmethod
    def _plain_string_is_german(cls, value: Any) -> Any:
        return {"de": value} if isinstance(value, str) else value

    def __str__(self) -> str:
        return self.de

    def in_language(self, code: str) -> str:
        """The text in a language ("de", "en"), German where it does not exist."""
        return (self.en if code == "en" else "") or self.de
