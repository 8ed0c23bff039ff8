"""Where parts of a form come from, and what its author still has to decide."""

from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from forms_engine.definitions.language.text import Strict

FimPath = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._~/-]{1,800}$")]
Settled = Literal["translated", "taken", "replaced", "not_needed"]


class FimRef(Strict):
    """The FIM element a page or question stands for: ids from the root, joined by "/", and the version of the last.

    `role` tells apart what the import adds around an element: the question whether an optional group is given, the
    choice between parts of a choice group, a heading or a help text.
    """

    path: FimPath
    version: str = Field(default="", max_length=30)
    role: Literal["element", "opener", "choice", "heading", "help"] = "element"


class FimSource(Strict):
    """The FIM schema a form was made from."""

    schema_id: str = Field(min_length=2, max_length=64)
    version: str = Field(default="", max_length=30)
    standard: Literal["2", "3.0.0"]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


class OpenPoint(Strict):
    """Something an import could not decide. While `settled` is missing, the form cannot be published.

    `quote` is what the source says, word for word. A rule that was translated surely is kept here as well, already
    settled ("translated"). Who replaces or drops a rule says why.
    """

    key: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_.-]{0,99}$")]
    question: str = Field(min_length=1, max_length=2000)
    places: tuple[str, ...] = Field(default=(), max_length=200)  # names of questions and keys of pages
    quote: str = Field(default="", max_length=20_000)
    settled: Settled | None = None
    reason: str = Field(default="", max_length=2000)

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.settled in ("replaced", "not_needed") and not self.reason:
            raise ValueError("Nennen Sie bei „reason“ den Grund.")
        return self
