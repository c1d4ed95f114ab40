"""The lists that there are; what Mangopay makes of them is seen with the sheets, against the emulator."""

from urllib.parse import unquote

import pytest

from models.objects.columns import ID
from models.objects.fields import Form
from models.objects.kinds import KINDS
from models.objects.listing import Column, Filter, Listing, Spot
from models.objects.listings import LISTINGS, OF_USERS, RELATED
from services.emulator.engine.errors import ApiError
from services.emulator.engine.router import Router
from services.emulator.routes import ROUTES
from services.objects.lists import Wanted
from ui.components.list_state import ListState

USER = "user_m_01KCDE0FRP2S9AGN5JMXRFA3Y8"
# What a list's address says besides its filters.
OF_ADDRESSES = {"page", "per_page", "sort", "order", "since", "until", "hide", "of", "ticket"}


def path_of(listing: Listing, of: str = USER) -> str:
    return listing.api_path(of if "{" in listing.path else "", client_id="acme")


def test_each_list_goes_by_its_own_name() -> None:
    assert all(listing.name == name for name, listing in LISTINGS.items())
    assert len({listing.path for listing in LISTINGS.values()}) == len(LISTINGS)


def test_what_belongs_to_an_object_is_a_list_of_that_object() -> None:
    for kind, names in RELATED.items():
        assert kind in KINDS
        assert names == tuple(dict.fromkeys(names))
        for name in names:
            assert "{" in LISTINGS[name].path
            assert (LISTINGS[name].kind or KINDS["payin"]).name in KINDS


def test_what_belongs_to_a_user_is_a_list_of_users() -> None:
    names = [name for tab in OF_USERS.values() for name in tab]
    assert len(names) == len(set(names))
    assert all(LISTINGS[name].path.startswith("/users/{id}/") for name in names)


def test_every_list_is_shown_somewhere() -> None:
    related = {name for names in (*RELATED.values(), *OF_USERS.values()) for name in names}
    of_all = {name for name, listing in LISTINGS.items() if "{" not in listing.path}
    assert LISTINGS.keys() == related | of_all
    assert not related & of_all


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_every_list_is_an_endpoint(listing: Listing) -> None:
    of = "FEES_EUR" if "{funds}" in listing.path else USER
    route, params = Router(ROUTES).find("GET", path_of(listing, of))
    assert route.handler.__name__ != "view"
    assert set(params.values()) <= {"acme", of, *of.split("_")}


def test_the_router_would_tell_of_a_path_that_is_none() -> None:
    with pytest.raises(ApiError):
        Router(ROUTES).find("GET", "/v2.01/acme/users/1/dreams")


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_a_path_holds_whatever_the_id_is(listing: Listing) -> None:
    if "{id}" not in listing.path:
        return
    odd = "a/../b?c=d#e f%2F{id}é"
    path = listing.api_path(odd, client_id="a/b")
    before, _, after = listing.path.partition("{id}")
    assert path.startswith(f"/v2.01/a%2Fb{before}")
    assert path.endswith(after)
    assert "?" not in path
    assert unquote(path.removeprefix(f"/v2.01/a%2Fb{before}").removesuffix(after)) == odd
    assert path.count("/") == listing.path.count("/") + 2


def test_a_platform_wallet_is_named_by_funds_and_currency() -> None:
    path = LISTINGS["platform-wallet-transactions"].api_path("CREDIT_EUR", client_id="acme")
    assert path == "/v2.01/acme/clients/wallets/CREDIT/EUR/transactions"


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_columns_can_be_told_apart_and_stand_somewhere_on_a_phone(listing: Listing) -> None:
    labels = [column.fact.label for column in listing.columns]
    assert len(labels) == len(set(labels))
    # Hidden columns are named in the address, parted by commas.
    assert not any("," in label or label == "-" for label in labels)
    spots = [column.spot for column in listing.columns if column.spot and not column.is_extra]
    assert len(spots) == len(set(spots))
    assert Spot.TITLE in spots
    assert any(not column.is_extra for column in listing.columns)
    for column in listing.columns:
        assert column.fact.form is not Form.LINK or column.fact.kind in KINDS
        assert column.is_right is (column.fact.form is Form.MONEY)


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_filters_can_be_told_apart(listing: Listing) -> None:
    names = [known.name for known in listing.filters]
    assert len(names) == len(set(names))
    assert not set(names) & (OF_ADDRESSES | {"page", "Sort", *listing.fixed})
    for known in listing.filters:
        assert len(set(known.options)) == len(known.options)


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_each_option_of_a_filter_is_asked_for_as_it_is(listing: Listing) -> None:
    for known in listing.filters:
        for option in known.options or ("anything",):
            state = ListState.parse({known.name: option}, listing)
            assert state.wanted.query(listing)[known.name] == option


@pytest.mark.parametrize("listing", LISTINGS.values(), ids=LISTINGS)
def test_the_newest_come_first_wherever_there_is_an_order(listing: Listing) -> None:
    newest, oldest = (Wanted(ascending=ascending).query(listing) for ascending in (False, True))
    if not listing.sort:
        assert "Sort" not in newest | oldest
        return
    assert (newest["Sort"], oldest["Sort"]) == (f"{listing.sort}:DESC", f"{listing.sort}:ASC")
    assert any(column.fact.path == listing.sort for column in listing.columns)


@pytest.mark.parametrize(
    ("name", "row", "kind"),
    [
        ("users", {"Type": "PAYIN"}, "user"),
        ("user-transactions", {"Type": "PAYIN", "Nature": "REGULAR"}, "payin"),
        ("user-transactions", {"Type": "PAYOUT", "Nature": "REFUND"}, "refund"),
        ("user-transactions", {"Type": ["PAYIN"], "Nature": {}}, None),
        ("payin-refunds", {"Type": "PAYOUT", "Nature": "REFUND"}, "refund"),
        ("events", {"Id": "event_1"}, None),
    ],
)
def test_a_row_tells_its_kind_where_the_list_does_not(name: str, row: dict[str, object], kind: str | None) -> None:
    assert LISTINGS[name].row_kind(row) is (KINDS[kind] if kind else None)


def test_extra_columns_are_hidden_until_somebody_asks() -> None:
    usual, extra = Column(ID.fact), Column(ID.fact, is_extra=True)
    listing = Listing(name="x", title="X", path="/x", columns=(usual, extra), filters=(Filter("Status", "Status"),))
    assert listing.extras == ("Id",)
