"""Reading a request body field by field: what is wrong is collected, so that one answer names every bad field."""

import re
from collections.abc import Container
from dataclasses import dataclass, field
from typing import TypeVar

from services.emulator.engine.errors import param_error
from services.emulator.engine.store import Collection, Entity
from services.emulator.engine.urls import is_http

CURRENCIES = frozenset(
    ("AED", "AUD", "CAD", "CHF", "CZK", "DKK", "EUR", "GBP", "HKD", "JPY", "NOK", "PLN", "SEK", "USD", "ZAR")
)
# No accounts for residents of these; source: https://docs.mangopay.com/api-reference/countries
BLOCKED_COUNTRIES = frozenset(("CU", "IR", "KP", "MM", "SY", "AN", "BV", "GS", "HM", "WL", "YU"))
COUNTRIES_WITH_REGIONS = frozenset(("US", "CA", "MX"))
EMAIL = (
    r"([a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-zA-Z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?\.)+[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
)
# As many digits as a sum of many amounts has and still fits into 64 bits.
LONGEST_NUMBER = 15
# A text that is longer is refused unread: some patterns take quadratic time.
LONGEST_MATCHED = 1_000
ADDRESS = ("AddressLine1", "AddressLine2", "City", "Region", "PostalCode", "Country")

T = TypeVar("T")


@dataclass(slots=True)
class Fields:
    """A JSON object under examination; `check` raises ApiError 400 with all that was refused meanwhile."""

    body: Entity
    path: str = ""
    refused: dict[str, str] = field(default_factory=dict)

    def refuse(self, name: str, message: str) -> None:
        self.refused.setdefault(self.path + name, message)

    def check(self) -> None:
        if self.refused:
            raise param_error(self.refused)

    def has(self, name: str) -> bool:
        return self.body.get(name) is not None

    def require(self, *names: str) -> None:
        for name in names:
            if self.body.get(name) in (None, ""):
                self.refuse(name, f"The {self._label(name)} field is required.")

    def text(self, name: str, *, longest: int = 255) -> str | None:
        value = self._typed(name, str)
        if value is not None and len(value) > longest:
            self.refuse(name, f"The field {self._label(name)} must be a string with a maximum length of {longest}.")
        return value

    def matching(self, name: str, pattern: str) -> str | None:
        value = self._typed(name, str)
        if value is not None and (len(value) > LONGEST_MATCHED or not re.fullmatch(pattern, value)):
            self.refuse(name, f"The field {self._label(name)} must match the regular expression '{pattern}'.")
        return value

    def email(self, name: str = "Email") -> str | None:
        return self.matching(name, EMAIL)

    def http_url(self, name: str) -> str | None:
        """Return an address that can be called."""
        url = self.text(name)
        if url is not None and not is_http(url):
            self.refuse(name, f"The {self._label(name)} field is not a valid fully-qualified http or https URL.")
        return url

    def choice(self, name: str, allowed: Container[str]) -> str | None:
        value = self._typed(name, str)
        if value is not None and value not in allowed:
            self.refuse(name, f"The requested value '{value}' was not found.")
        return value

    def number(self, name: str) -> int | None:
        """Return a whole number, be it sent as one, in quotes or with a decimal point, as some clients do."""
        value = self.body.get(name)
        whole = _whole(value)
        number = self._typed(name, int) if whole is None else whole
        if number is not None and abs(number) >= 10**LONGEST_NUMBER:
            self.refuse(name, f"The value {value} is not valid")
            return None
        return number

    def flag(self, name: str) -> bool | None:
        """Return a boolean; Mangopay's own clients send 1 and 0, others the words in quotes."""
        value = self.body.get(name)
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        return bool(value) if value in (0, 1) else self._typed(name, bool)

    def texts(self, name: str) -> list[str]:
        """Return a list of texts, an empty one if it is absent."""
        value = self._typed(name, list) or []
        if not all(isinstance(one, str) for one in value):
            self.refuse(name, f"The value {value} is not valid")
        return [one for one in value if isinstance(one, str)]

    def country(self, name: str) -> str | None:
        value = self.matching(name, "[A-Z]{2}")
        if value in BLOCKED_COUNTRIES:
            self.refuse(name, f"The {self._label(name)} used is blocked")
        return value

    def currency(self, name: str) -> str | None:
        value = self._typed(name, str)
        if value is not None and value not in CURRENCIES:
            self.refuse(name, f"The currency {value} is not available")
        return value

    def money(self, name: str, *, least: int | None = 0) -> Entity | None:
        """Return `{"Currency", "Amount"}` in minor units, at least `least` of them."""
        value = self._typed(name, dict)
        if value is None:
            return None
        inner = Fields(value, f"{self.path}{name}.", self.refused)
        inner.require("Currency", "Amount")
        currency, amount = inner.currency("Currency"), inner.number("Amount")
        if least is not None and amount is not None and amount < least:
            inner.refuse("Amount", f"The field Amount must be greater than or equal to {least}.")
        return {"Currency": currency, "Amount": amount}

    def entity(self, name: str, collection: Collection) -> Entity:
        """Return the entity whose id the field holds; an empty one, and a refusal, if there is none."""
        self.require(name)
        entity_id = self._typed(name, str)
        entity = collection.get(entity_id)
        if entity is None:
            self.refuse(name, f"The value {entity_id} is not valid")
        return entity or {}

    def within(self, name: str) -> "Fields":
        """Return the fields of a nested object, an empty one if it is absent."""
        return Fields(self._typed(name, dict) or {}, f"{self.path}{name}.", self.refused)

    def amounts(self, debited: str = "DebitedFunds", fees: str = "Fees") -> tuple[Entity, Entity]:
        """Return what is debited, one unit at least, and the fees out of it, in the same currency."""
        self.require(debited, fees)
        debited_funds, its_fees = self.money(debited, least=1) or {}, self.money(fees) or {}
        if debited_funds and its_fees and debited_funds["Currency"] != its_fees["Currency"]:
            self.refuse(fees, "The currency of the Fees must be the currency of the DebitedFunds")
        return debited_funds, its_fees

    def address(self, name: str, *, has_city: bool = True) -> Entity:
        """Return all six members, null where unset, as Mangopay answers; payers need not name a city."""
        inner = self.within(name)
        if any(inner.has(member) for member in ADDRESS):
            inner.require("AddressLine1", *(("City",) if has_city else ()), "PostalCode", "Country")
            if inner.country("Country") in COUNTRIES_WITH_REGIONS and not inner.has("Region"):
                inner.refuse("Region", "The Region is a required field for this Country")
        inner.country("Country")
        return {member: inner.text(member) for member in ADDRESS}

    def _label(self, name: str) -> str:
        """Return what a message calls a field: its own name, and in full where an object is written flat."""
        return name if self.path.endswith(".") else self.path + name

    def _typed(self, name: str, kind: type[T]) -> T | None:
        value = self.body.get(name)
        if isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
            return value
        if value is not None:
            self.refuse(name, f"The value {value} is not valid")
        return None


def _whole(value: object) -> int | None:
    """Return the whole number that a text or a decimal stands for, None if it stands for none."""
    if isinstance(value, str):
        return int(value) if re.fullmatch(f"-?[0-9]{{1,{LONGEST_NUMBER}}}", value) else None
    return int(value) if isinstance(value, float) and value.is_integer() else None
