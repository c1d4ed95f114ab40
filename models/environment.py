"""The three environments, which never mix."""

from enum import StrEnum


class Environment(StrEnum):
    """Where an object lives: every stored row that belongs to one carries its name."""

    LOCAL = "local"
    SANDBOX = "sandbox"
    PRODUCTION = "production"

    @property
    def label(self) -> str:
        return self.value.capitalize()
