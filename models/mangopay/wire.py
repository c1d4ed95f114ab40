"""What all wire types share: names, dates, money and addresses.

Dates are Unix seconds on the wire and stay so in fields named `…_date`; the properties named `…_at` are aware UTC.
Source: https://docs.mangopay.com/api-reference/overview/data-formats
"""

from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, PlainValidator, StrictInt
from pydantic.alias_generators import to_pascal

from models.money import Money

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class WireModel(BaseModel):
    """A frozen reading of one JSON object whose fields are in Mangopay's PascalCase."""

    # What came is hidden in errors, for those reach the log and it may hold an IBAN.
    model_config = ConfigDict(
        frozen=True, extra="ignore", alias_generator=to_pascal, populate_by_name=True, hide_input_in_errors=True
    )


class MangopayObject(WireModel):
    """What nearly every object has; without an id it is not an object."""

    id: str
    tag: str | None = None
    creation_date: int | None = None

    @property
    def created_at(self) -> datetime | None:
        return utc(self.creation_date)


def utc(seconds: int | None) -> datetime | None:
    """Return Unix seconds (negative before 1970) as an aware time; None for none, or for one beyond the calendar."""
    try:
        return None if seconds is None else EPOCH + timedelta(seconds=seconds)
    except OverflowError:
        return None


class WireMoney(WireModel):
    currency: str | None = None
    # Strict, so that 12.5 or "12" is refused instead of bent into an amount.
    amount: StrictInt | None = None

    def to_money(self) -> Money | None:
        """Return the amount; None while there is none: a bank wire on its way carries currency XXX."""
        if self.amount is None or self.currency in (None, "XXX"):
            return None
        return Money(self.amount, self.currency)


class Address(WireModel):
    address_line1: str | None = None
    address_line2: str | None = None
    city: str | None = None
    region: str | None = None
    postal_code: str | None = None
    country: str | None = None


class PendingUserAction(WireModel):
    redirect_url: str | None = None


def _read_money(value: object) -> Money | None:
    if value is None or isinstance(value, Money):
        return value
    return WireMoney.model_validate(value).to_money()


def _empty_address_is_none(address: Address | None) -> Address | None:
    return address if address and any(address.model_dump().values()) else None


def _none_is_empty(value: object) -> object:
    return () if value is None else value


MoneyOrNone = Annotated[Money | None, PlainValidator(_read_money)]
# An unset address comes as an object of six nulls.
AddressOrNone = Annotated[Address | None, AfterValidator(_empty_address_is_none)]
Strings = Annotated[tuple[str, ...], BeforeValidator(_none_is_empty)]
