"""A value of an object as plain text: for a file, for a title."""

import json
from collections.abc import Mapping

from models.mangopay.wire import utc
from models.money import Money
from models.objects.fields import Content, Fact, Form, text_at
from models.objects.kinds import is_id, kind_of_transaction


def plain_value(fact: Fact, content: Content) -> str:
    """Return a fact's value as text, "" for none: times in ISO 8601 and UTC, amounts in major units with currency."""
    value = fact.value(content)
    if value is None:
        return ""
    if isinstance(value, str):
        return _movement(content) or value if fact.form is Form.MOVEMENT else value
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return " ".join(map(str, value))
    return _number(fact, value, content) or json.dumps(value, ensure_ascii=False)


def money_of(value: object, content: Content) -> Money | None:
    """Return an amount of Mangopay's JSON; None for what is none, such as one with decimals.

    Echo and the items of a payment tell mere numbers, in the currency of the whole.
    """
    amount, currency = value, text_at(content, "Currency")
    if isinstance(value, Mapping):
        amount, currency = value.get("Amount"), text_at(value, "Currency")
    return Money(amount, currency) if type(amount) is int and currency else None


def name_of_user(user: Content) -> str | None:
    """Return a user's name: of the company, or of the person; None for a row of a list, which has none."""
    person = " ".join(filter(None, (text_at(user, "FirstName"), text_at(user, "LastName"))))
    return text_at(user, "Name") or person or None


def owner_of(content: Content) -> str | None:
    """Return the id of the user that an object belongs to, as far as it tells."""
    owners = content.get("Owners")
    first = owners[0] if isinstance(owners, list) and owners else None
    owner = text_at(content, "UserId") or text_at(content, "AuthorId") or first
    # The platform itself, by its ClientId, is no user of its own.
    return owner if isinstance(owner, str) and is_id(owner) else None


def _number(fact: Fact, value: object, content: Content) -> str | None:
    if fact.form is Form.MONEY and (amount := money_of(value, content)) is not None:
        return f"{amount.decimal_text()} {amount.currency}"
    if fact.form in (Form.MOMENT, Form.DAY) and isinstance(value, int) and (moment := utc(value)) is not None:
        return moment.isoformat() if fact.form is Form.MOMENT else moment.date().isoformat()
    return None


def _movement(content: Content) -> str | None:
    kind = kind_of_transaction(text_at(content, "Type"), text_at(content, "Nature"))
    return kind.title if kind else None
