"""What is read from Mangopay is learned, whoever reads it."""

import json
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError

from models.known import KnownObject, KnownUser
from models.objects.kinds import KINDS
from services.database import Database
from services.mangopay.answers import read_json
from services.search import learn as learning
from services.search.heard import read_answer
from services.search.learn import Learner
from tests.services.access.world import stored_rows
from tests.services.search.market import LOCAL, NOW, PRODUCTION, SANDBOX, Market, add, learn, open_market, person

ALICE, BOB = "user_m_a", "user_m_b"
OLD_ID, UUID = "158026537", "5c0f7e10-8b0e-4b7c-9c37-7f3fd1f0d9a1"
LISTED = ("PersonType", "Email", "Tag", "UserCategory", "KYCLevel", "UserStatus", "CreationDate", "Id")


@pytest.fixture
async def market(database: Database) -> AsyncIterator[Market]:
    async with open_market(database) as market:
        yield market


async def test_a_list_tells_of_users_but_not_their_names(market: Market) -> None:
    user_id = await market.create_user(email="alice@example.com", Tag="vip")
    await market.list("/users")
    user = await market.user(user_id)
    assert (user.environment, user.email, user.tag, user.person_type) == (LOCAL, "alice@example.com", "vip", "NATURAL")
    assert (user.category, user.kyc_level, user.status) == ("PAYER", "LIGHT", "ACTIVE")
    assert (user.read_at, user.name, user.label) == (None, "", "alice@example.com")
    assert user.created_at.timestamp() == (await market.read(f"/users/{user_id}"))["CreationDate"]


@pytest.mark.parametrize("path", ["/users", "/sca/users"])
async def test_a_user_read_alone_has_a_name_which_no_list_takes_away(market: Market, path: str) -> None:
    owner: dict[str, Any] = {
        "UserCategory": "OWNER",
        "Birthday": 652_147_200,
        "Nationality": "FR",
        "CountryOfResidence": "FR",
    }
    user_id = await market.create_user("Alice", "Martin", **owner)
    await market.read(f"{path}/{user_id}")
    market.now[0] += timedelta(seconds=1)
    await market.list("/users")
    user = await market.user(user_id)
    assert (user.name, user.country, user.label) == ("Alice Martin", "FR", "Alice Martin")
    assert user.read_at == NOW


async def test_what_is_heard_before_it_is_written_down_adds_up(database: Database) -> None:
    learner = Learner(database, clock=lambda: NOW)
    row = {name: value for name, value in person(1, KYCLevel="REGULAR").items() if name in LISTED}
    learner.hear(LOCAL, "/v2.01/shop/sca/users/" + str(row["Id"]), [person(1)])
    learner.hear(LOCAL, "/v2.01/shop/users", [row])
    assert learner.waiting == 1
    await learner.turn()
    [user] = await stored_rows(database, KnownUser)
    assert (user.name, user.kyc_level, user.read_at) == ("Alice Martin", "REGULAR", NOW)
    assert learner.waiting == 0


async def test_a_company_goes_by_its_own_name_and_is_where_its_headquarters_are(database: Database) -> None:
    company = person(1, Name="Martin & Sons", LegalPersonType="BUSINESS", HeadquartersAddress={"Country": "LU"})
    company |= {"PersonType": "LEGAL", "FirstName": None, "LastName": None, "CountryOfResidence": None}
    await learn(database, company)
    [user] = await stored_rows(database, KnownUser)
    assert (user.name, user.legal_person_type, user.country) == ("Martin & Sons", "BUSINESS", "LU")


async def test_a_user_who_was_stale_is_not_once_read_alone_but_still_when_listed(database: Database) -> None:
    await add(database, KnownUser(environment=PRODUCTION, user_id=str(person(1)["Id"]), created_at=NOW, is_stale=True))
    await learn(database, person(1), in_list=True)
    [listed] = await stored_rows(database, KnownUser)
    assert listed.is_stale
    await learn(database, person(1))
    [read] = await stored_rows(database, KnownUser)
    assert not read.is_stale


async def test_an_environment_learns_nothing_of_another(database: Database) -> None:
    for environment, first in ((SANDBOX, "Bob"), (LOCAL, "Alice")):
        await learn(database, person(1, first), environment=environment)
    users = await stored_rows(database, KnownUser)
    assert {(user.environment, user.name) for user in users} == {(SANDBOX, "Bob Martin"), (LOCAL, "Alice Martin")}


async def test_what_is_listed_under_a_user_belongs_to_the_user(market: Market) -> None:
    user_id = await market.create_user()
    body = {"Owners": [user_id], "Description": "Hers", "Currency": "EUR"}
    wallet = await market.client.post_object("/v2.01/local/wallets", body)
    assert wallet
    await market.list(f"/users/{user_id}/wallets")
    [known] = await stored_rows(market.database, KnownObject)
    assert (known.kind, known.object_id, known.user_id, known.seen_at) == ("wallet", wallet["Id"], user_id, NOW)
    assert known.environment == LOCAL


@pytest.mark.parametrize(
    ("path", "content", "kind", "owner"),
    [
        ("/payins/payin_m_1", {"Id": "payin_m_1", "AuthorId": ALICE, "CreditedUserId": BOB}, "payin", ALICE),
        ("/transfers/xfer_m_1", {"Id": "xfer_m_1", "AuthorId": None, "CreditedUserId": BOB}, "transfer", BOB),
        ("/transfers/xfer_m_2", {"Id": "xfer_m_2", "AuthorId": "shop", "CreditedUserId": BOB}, "transfer",
         BOB),
        ("/transfers/xfer_m_3", {"Id": "xfer_m_3", "AuthorId": "shop", "CreditedUserId": "shop"}, "transfer", ""),
        ("/wallets/wlt_m_1", {"Id": "wlt_m_1", "Owners": ["user_m_o", "user_m_p"]}, "wallet", "user_m_o"),
        ("/kyc/documents", {"Id": "kyc_1", "UserId": "user_m_u"}, "kyc-document", "user_m_u"),
        ("/hooks/hook_m_1", {"Id": "hook_m_1"}, "hook", ""),
        ("/users/user_m_1/cards", {"Id": "card_m_1"}, "card", "user_m_1"),
        ("/users/a%2Fb/cards", {"Id": "card_m_1"}, "card", "a/b"),
        (f"/users/{OLD_ID}/wallets/", {"Id": "99", "Owners": [OLD_ID]}, "wallet", OLD_ID),
        (f"/wallets/{OLD_ID}/transactions", {"Id": "98", "Type": "PAYOUT", "Nature": "REFUND", "AuthorId": ALICE},
         "refund", ALICE),
        (f"/disputes/{OLD_ID}/documents", {"Id": "97"}, "dispute-document", ""),
        (f"/payins/{OLD_ID}", {"Id": OLD_ID, "AuthorId": ALICE}, "payin", ALICE),
        (f"/cards/card_m_1/validation/{UUID}", {"Id": UUID}, "card-validation", ""),
        (f"/users/{OLD_ID}/bankaccounts/12", {"Id": "12"}, "bank-account", OLD_ID),
    ],
)  # fmt: skip
async def test_an_object_tells_what_it_is_and_whose(
    database: Database, path: str, content: dict[str, object], kind: str, owner: str
) -> None:
    learner = Learner(database, clock=lambda: NOW)
    learner.hear(SANDBOX, f"/v2.01/shop{path}", [content])
    await learner.turn()
    [known] = await stored_rows(database, KnownObject)
    assert (known.object_id, known.kind, known.user_id) == (content["Id"], kind, owner)


async def test_whose_an_object_is_stays_known_when_it_is_not_told_again(database: Database) -> None:
    learner = Learner(database, clock=lambda: NOW)
    for content in ({"Id": "card_m_1", "UserId": "user_m_alice"}, {"Id": "card_m_1"}):
        learner.hear(LOCAL, "/v2.01/shop/cards/card_m_1", [content])
        await learner.turn()
    [known] = await stored_rows(database, KnownObject)
    assert known.user_id == "user_m_alice"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/users/user_m_1/regulatory", {"InflowsBlocked": False}),
        ("/users/user_m_1/emoney/2026", {"UserId": "user_m_1"}),
        ("/users/user_m_1/sca-status", {"Id": "user_m_1", "UserStatus": "ACTIVE"}),
        ("/events", {"ResourceId": "payin_m_1", "EventType": "PAYIN_NORMAL_SUCCEEDED"}),
        ("/payins/1", {"Id": "2"}),
        ("/somewhere/new", {"Id": OLD_ID}),
        ("/wallets/1/transactions", {"Id": "3", "Type": "OF_NEXT_YEAR"}),
        ("/users", {"Id": ""}),
        ("/users", {"Id": 7}),
    ],
)
async def test_what_is_no_object_of_a_known_kind_is_left_out(
    database: Database, path: str, content: dict[str, object]
) -> None:
    learner = Learner(database, clock=lambda: NOW)
    learner.hear(LOCAL, f"/v2.01/shop{path}", [content])
    assert learner.waiting == 0


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
NAMES = ("Id", "Email", "Tag", "CreationDate", "Owners", "FirstName", "Name", "HeadquartersAddress", "UserId", "Type")
CONTENTS = st.fixed_dictionaries({}, optional=dict.fromkeys(NAMES, JSON))
PATHS = st.sampled_from(["/users", "/sca/users/user_m_1", "/wallets/1/transactions", "/users//cards", "", "/%ff/"])


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=PATHS, content=CONTENTS, object_id=st.sampled_from(["user_m_1", "1", "card_m_1"]) | st.text())
def test_no_answer_however_strange_makes_it_stumble(path: str, content: dict[str, Any], object_id: str) -> None:
    content = {"Id": object_id} | content
    for heard in read_answer(LOCAL, f"/v2.01/shop{path}", [content], now=NOW):
        # A row can be made of it.
        heard.table.model_validate({"environment": LOCAL, "user_id": "1", "object_id": "1", **heard.told})


async def test_half_a_character_in_a_name_is_no_reason_to_forget_the_user(database: Database) -> None:
    answer = read_json(httpx.Response(200, content=json.dumps(person(1, "Al\ud800ice"))))
    assert isinstance(answer, dict)
    await learn(database, answer)
    [user] = await stored_rows(database, KnownUser)
    assert user.name == "Al\ufffdice Martin"


async def test_what_could_not_be_written_is_written_later(database: Database) -> None:
    learner = Learner(database, clock=lambda: NOW)
    learner.hear(LOCAL, "/v2.01/shop/users", [person(number) for number in range(250)])
    with locked(database):
        with pytest.raises(OperationalError):
            await learner.turn()
        assert learner.waiting == 250
    await learner.turn()
    assert learner.waiting == 0
    assert len(await stored_rows(database, KnownUser)) == 250


async def test_what_is_heard_while_it_writes_is_written_as_well(database: Database) -> None:
    clock = [NOW]
    learner = Learner(database, clock=lambda: clock[0])

    async def write_and_hear(*args: Any) -> None:
        await written(*args)
        if clock[0] == NOW:
            clock[0] += timedelta(seconds=1)
            learner.hear(LOCAL, "/v2.01/shop/users", [person(1, Email="new@example.com")])

    written = learning._write
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(learning, "_write", write_and_hear)
        learner.hear(LOCAL, "/v2.01/shop/users", [person(1)])
        await learner.turn()
    [user] = await stored_rows(database, KnownUser)
    assert user.email == "new@example.com"


async def test_of_too_much_the_newest_is_kept(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "MOST_WAITING", 3)
    learner = Learner(database, clock=lambda: NOW)
    learner.hear(LOCAL, "/v2.01/shop/users", [person(number) for number in (1, 2, 3)])
    learner.hear(LOCAL, "/v2.01/shop/users", [person(number) for number in (1, 4)])
    await learner.turn()
    users = await stored_rows(database, KnownUser)
    assert {user.user_id for user in users} == {person(number)["Id"] for number in (3, 1, 4)}


def test_the_kinds_that_have_a_page_of_their_own_are_all_known_to_it() -> None:
    ids = [f"{prefix}1" for kind in KINDS.values() for prefix in kind.prefixes if kind.name != "user"]
    heard = [list(read_answer(LOCAL, "/v2.01/shop/anything", [{"Id": object_id}], now=NOW)) for object_id in ids]
    assert all(len(one) == 1 for one in heard)


@contextmanager
def locked(database: Database) -> Iterator[None]:
    with closing(sqlite3.connect(database.url.database or "", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")
