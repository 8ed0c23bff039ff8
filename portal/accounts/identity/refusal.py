"""Why an answer of a provider was not believed."""


class Refused(Exception):
    """`reason` is a short word for the audit log. People see one neutral page: nobody learns from it."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason
