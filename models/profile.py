"""Editing a user's profile: what the form shows, what was changed in it, what is sent, and what came of it.

A legal user of the legacy endpoints has a flat representative (`LegalRepresentativeFirstName`); it is shown like any
other and sent as today's endpoint wants it, as an object. Source: https://docs.mangopay.com/api-reference/users
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from models.profile_fields import ProfileField, Typed, birthday_seconds, birthday_text, fields_of

User = Mapping[str, object]
Values = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Change:
    """One field that is to have another value; both as the form shows them, "" for none."""

    field: ProfileField
    before: str
    after: str

    @property
    def path(self) -> str:
        return self.field.path

    @property
    def label(self) -> str:
        return self.field.name


def form_values(user: User) -> dict[str, str]:
    """Return what the form shows, by path: a birthday as YYYY-MM-DD, "" for what Mangopay has not got."""
    return {field.path: _text(field, _json(user, field)) for field in fields_of(user)}


def changes(user: User, values: Values) -> tuple[Change, ...]:
    """Return what was typed that differs from what the form showed, in the order of the form."""
    entered = entered_values(user, values)
    shown = form_values(user)
    return tuple(
        Change(field, shown[field.path], entered[field.path])
        for field in fields_of(user)
        if entered[field.path] != shown[field.path]
    )


def entered_values(user: User, values: Values) -> dict[str, str]:
    """Return every field's value as it was meant; one that was not touched exactly as it was shown."""
    shown = form_values(user)
    return {
        field.path: shown[field.path]
        if values.get(field.path, shown[field.path]) == shown[field.path]
        else _tidy(field, values[field.path])
        for field in fields_of(user)
    }


def body_of(user: User, values: Values) -> dict[str, object]:
    """Return the body of the update: only what changed, empty when nothing did.

    An address or a representative goes as a whole object when anything in it changed. What is cleared goes as an empty
    text, because a null says as little to Mangopay as leaving the field out; a birthday, and an address that is emptied
    altogether, can only be null. Mangopay demands `TermsAndConditionsAccepted` of every update: it goes as it is.
    """
    entered = entered_values(user, values)
    tops = dict.fromkeys(change.field.top for change in changes(user, values))
    body = {top: _sent(user, entered, top) for top in tops}
    return body and body | {"TermsAndConditionsAccepted": user.get("TermsAndConditionsAccepted") is True}


def kept(answer: User, changed: Iterable[Change]) -> tuple[Change, ...]:
    """Return the changes that Mangopay did not make, by its own answer: it has the old value still."""
    return tuple(change for change in changed if _text(change.field, _json(answer, change.field)) == change.before)


def moved_meanwhile(seen: User, fresh: User, changed: Iterable[Change]) -> tuple[Change, ...]:
    """Return what of the fields that would be sent is by now other than it was seen: from what was seen, to what is.

    An object that is sent as a whole counts with all its parts, or a half of one address would join another's.
    """
    tops = {change.field.top for change in changed}
    before, after = form_values(seen), {field.path: _text(field, _json(fresh, field)) for field in fields_of(seen)}
    return tuple(
        Change(field, before[field.path], after[field.path])
        for field in fields_of(seen)
        if field.top in tops and before[field.path] != after[field.path]
    )


def typed_onto(seen: User, fresh: User, values: Values) -> tuple[dict[str, str], tuple[Change, ...]]:
    """Return the form for the user as they are now with what was typed for them as they were, and what got lost by it.

    Where Mangopay has another value by now, that is what the form shows; the changes tell what had been typed there.
    """
    now = form_values(fresh)
    typed = changes(seen, values)
    lost = tuple(change for change in typed if now.get(change.path) not in (change.before, change.after))
    return now | {change.path: change.after for change in typed if change not in lost}, lost


def place_of(user: User, key: str) -> str | None:
    """Return the path of the field that one of Mangopay's error keys is about; None when the form has none.

    A key may name an object as a whole, which is its first field here, or write a part without its dot, as it once was.
    """
    paths = {_plain(field.path): field.path for field in reversed(fields_of(user))}
    first_parts = {_plain(field.top): field.path for field in reversed(fields_of(user)) if field.is_part}
    return paths.get(_plain(key)) or first_parts.get(_plain(key))


def _json(user: User, field: ProfileField) -> object:
    """Return a field's value as Mangopay sent it, be it in its object or, as of old, flat."""
    top = user.get(field.top)
    if not field.is_part:
        return top
    if isinstance(top, Mapping):
        return top.get(field.leaf)
    return user.get("PhoneNumber" if field.leaf == "PhoneNumber" else field.top + field.leaf)


def _text(field: ProfileField, value: object) -> str:
    if value is None:
        return ""
    return birthday_text(value) if field.kind is Typed.BIRTHDAY else str(value)


def _tidy(field: ProfileField, text: str) -> str:
    if field.kind is Typed.LONG_TEXT:
        return text
    return re.sub(r"[\s().-]", "", text) if field.kind is Typed.PHONE else text.strip()


def _sent(user: User, entered: Values, top: str) -> object:
    parts = {field.leaf: _wire(user, field, entered[field.path]) for field in fields_of(user) if field.top == top}
    if top in parts:
        return parts[top]
    is_emptied = not any(entered[f"{top}.{leaf}"] for leaf in parts)
    return None if is_emptied else parts


def _wire(user: User, field: ProfileField, text: str) -> object:
    """Return a value as it is sent; one that was not touched as it came, were it a birthday at noon."""
    value = _json(user, field)
    if text == _text(field, value):
        return value
    if field.kind is Typed.BIRTHDAY:
        return birthday_seconds(text)
    return int(text) if field.leaf == "IncomeRange" and text.isdecimal() else text


def _plain(key: str) -> str:
    return key.replace(".", "").casefold()
