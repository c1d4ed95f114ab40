"""What an answer of Mangopay tells of users and of what belongs to them, by the path it was read at."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import unquote

from models.environment import Environment
from models.known import KnownObject, KnownUser
from models.mangopay.wire import EPOCH, utc
from models.objects.fields import Content, text_at
from models.objects.kinds import KINDS, Kind, kind_of_id
from models.objects.listing import Listing
from models.objects.listings import LISTINGS
from models.objects.plain import name_of_user, owner_of
from services.search.fts import name_words, other_words


@dataclass(frozen=True, slots=True)
class Heard:
    """A row that there is now, and the columns of it that were told: what a list leaves out stays as it was."""

    table: type[KnownUser] | type[KnownObject]
    object_id: str
    told: Mapping[str, object]


def read_answer(environment: Environment, path: str, contents: Sequence[Content], *, now: datetime) -> Iterator[Heard]:
    """Tell what can be learned from the objects read at an API path; what is no object of a known kind is left out."""
    listing = next((listing for pattern, listing in _LISTS if pattern.fullmatch(path)), None)
    for content in contents:
        object_id = _text(content, "Id")
        kind = kind_of_id(object_id) or _kind_at(path, object_id, content, listing)
        if not object_id or kind is None:
            continue
        if kind.name != "user":
            yield Heard(KnownObject, object_id, _of_object(path, content, kind, now=now))
        elif listing is not None:
            yield Heard(KnownUser, object_id, _of_row(environment, content))
        elif _is_at(path, object_id):
            whole = _of_whole(environment, content)
            yield Heard(KnownUser, object_id, {**_of_row(environment, content), **whole, "read_at": now})


def _kind_at(path: str, object_id: str, content: Content, listing: Listing | None) -> Kind | None:
    """Return the kind of an object whose id does not tell it: that of the list it is in, or of the place it is at."""
    if listing is not None:
        return listing.row_kind(content)
    return next((kind for pattern, kind in _PLACES if pattern.fullmatch(path) and _is_at(path, object_id)), None)


def _is_at(path: str, object_id: str) -> bool:
    return unquote(path.rpartition("/")[2]) == object_id


def _of_object(path: str, content: Content, kind: Kind, *, now: datetime) -> dict[str, object]:
    owner = _owner(path, content)
    return {"kind": kind.name, "seen_at": now} | ({"user_id": owner} if owner else {})


def _owner(path: str, content: Content) -> str:
    """Return the user an object belongs to, as its path or itself tells; "" when neither does."""
    below_user = re.match(r"/v[\d.]+/[^/]+/users/([^/]+)/", path)
    if below_user:
        return unquote(below_user[1])
    return owner_of(content) or owner_of({"UserId": content.get("CreditedUserId")}) or ""


def _of_row(environment: Environment, content: Content) -> dict[str, object]:
    """Return what lists and single views tell alike."""
    email, tag, created = _text(content, "Email"), _text(content, "Tag"), content.get("CreationDate")
    return {
        "person_type": _text(content, "PersonType"),
        "email": email,
        "tag": tag,
        "category": _text(content, "UserCategory"),
        "kyc_level": _text(content, "KYCLevel"),
        "status": _text(content, "UserStatus"),
        "created_at": (utc(created) if isinstance(created, int) else None) or EPOCH,
        "other_words": other_words(environment, email=email, tag=tag, user_id=_text(content, "Id")),
    }


def _of_whole(environment: Environment, content: Content) -> dict[str, object]:
    """Return what only a user's single view tells."""
    name = name_of_user(content) or ""
    return {
        "name": name,
        "name_words": name_words(environment, name),
        "legal_person_type": _text(content, "LegalPersonType"),
        "country": _text(content, "CountryOfResidence") or _text(content, "HeadquartersAddress.Country"),
        "is_stale": False,
    }


def _text(content: Content, place: str) -> str:
    return text_at(content, place) or ""


def _pattern(path: str) -> re.Pattern[str]:
    whole = path if path.startswith("/v") else "/v2.01/{client}" + path
    parts = [re.escape(part) for part in re.split(r"\{\w+\}", whole)]
    return re.compile("[^/]+".join(parts) + "/?", re.IGNORECASE)


_LISTS = tuple((_pattern(listing.path), listing) for listing in LISTINGS.values())
_PLACES = tuple((_pattern(path), kind) for kind in KINDS.values() for path in kind.paths)
