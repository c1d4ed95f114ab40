"""Between the list of users and the local index: which states ask it, and its users as rows like Mangopay's own."""

from collections.abc import Mapping
from typing import get_args

from models.columns import to_milliseconds
from models.known import KnownUser
from models.objects.fields import Content, text_at, value_at
from models.objects.plain import name_of_user
from services.search.index import Order, UserFilter
from ui.components.list_state import ListState


def searches_index(state: ListState) -> bool:
    """Whether a state asks for what Mangopay's list of users cannot do: filter, or sort by anything but time."""
    return bool(state.filters or state.sort)


def filter_of(state: ListState) -> UserFilter:
    def picked(name: str) -> tuple[str, ...]:
        value = state.filters.get(name)
        return (value,) if value else ()

    return UserFilter(
        text=state.filters.get("Name", ""),
        person_types=picked("PersonType"),
        categories=picked("UserCategory"),
        kyc_levels=picked("KYCLevel"),
        statuses=picked("UserStatus"),
        countries=tuple(code.upper() for code in picked("Country")),
        sort=next((sort for sort in get_args(Order) if sort == state.sort), "created"),
        descending=not state.ascending,
    )


def content_of(user: KnownUser) -> Content:
    """Return a user of the index as a row of Mangopay's list, with a name and a country."""
    return {
        "Id": user.user_id,
        "Name": user.name,
        "PersonType": user.person_type,
        "Email": user.email,
        "UserCategory": user.category,
        "KYCLevel": user.kyc_level,
        "UserStatus": user.status,
        "Country": user.country,
        "CreationDate": to_milliseconds(user.created_at) // 1000,
        "Tag": user.tag,
    }


def named(row: Content, known: Mapping[str, KnownUser], whole: Content | None = None) -> Content:
    """Return a row of Mangopay's list with name and country, out of the index or of the user read whole."""
    if whole is not None:
        country = value_at(whole, "CountryOfResidence") or value_at(whole, "HeadquartersAddress.Country")
        return {**row, "Name": name_of_user(whole), "Country": country}
    user = known.get(text_at(row, "Id") or "")
    return {**row, "Name": user.name, "Country": user.country} if user and user.name else row
