"""Lists and events: pages, order, filters."""

import time

from tests.services.emulator.cards import captured, deposited
from tests.services.emulator.marketplace import BASE_URL, Marketplace, created, refused


async def test_a_list_says_in_its_headers_how_much_there_is(market: Marketplace) -> None:
    for _ in range(12):
        await market.payer()
    first = await market.get("/users")
    assert len(first.json()) == 10
    assert (first.headers["x-number-of-pages"], first.headers["x-number-of-items"]) == ("2", "12")
    url = f"{BASE_URL}/v2.01/local/users"
    assert first.headers["link"] == ", ".join(
        [
            f'<{url}?page=1&per_page=10>; rel="first"',
            f'<{url}?page=2&per_page=10>; rel="next"',
            f'<{url}?page=2&per_page=10>; rel="last"',
        ]
    )
    second = await market.get("/users", page="2")
    assert len(second.json()) == 2
    assert 'rel="prev"' in second.headers["link"]
    assert 'rel="next"' not in second.headers["link"]
    assert (await market.get("/users", page="3")).json() == []


async def test_an_empty_list_still_links_to_its_one_page(market: Marketplace) -> None:
    empty = await market.get("/users")
    assert (empty.json(), empty.headers["x-number-of-items"]) == ([], "0")
    url = f"{BASE_URL}/v2.01/local/users?page=1&per_page=10"
    assert empty.headers["link"] == f'<{url}>; rel="first", <{url}>; rel="last"'


async def test_pages_have_between_one_and_a_hundred_rows(market: Marketplace) -> None:
    for _ in range(2):
        await market.payer()
    assert len((await market.get("/users", per_page="0")).json()) == 1
    assert "per_page=100&page=1>" in (await market.get("/users", per_page="5000")).headers["link"]
    refused(await market.get("/users", per_page="many"))


async def test_oldest_first_unless_asked_otherwise(market: Marketplace) -> None:
    ids = [(await market.payer())["Id"] for _ in range(3)]
    assert [row["Id"] for row in (await market.get("/users")).json()] == ids
    newest = await market.get("/users", Sort="CreationDate:DESC")
    assert [row["Id"] for row in newest.json()] == ids[::-1]


async def test_transactions_are_filtered_by_what_and_when(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    wallet, card = await market.wallet(alice), await market.card(alice)
    paid = created(await market.pay_in(card, wallet, 1_000))
    failed = created(await market.pay_in(card, wallet, 33305))
    moved = created(await market.transfer(wallet, await market.wallet(bob), 400))

    async def ids(**query: str) -> list[str]:
        return [row["Id"] for row in (await market.get(f"/users/{alice['Id']}/transactions", **query)).json()]

    assert await ids() == [paid["Id"], failed["Id"], moved["Id"]]
    assert await ids(Status="succeeded,CREATED") == [paid["Id"], moved["Id"]]
    assert await ids(ResultCode="101101") == [failed["Id"]]
    assert await ids(Type="TRANSFER") == [moved["Id"]]
    assert await ids(Nature="REFUND") == []
    assert await ids(AfterDate=str(int(time.time()) + 60)) == []
    assert await ids(BeforeDate=str(int(time.time()) - 60)) == []
    repeated = f"/v2.01/local/users/{alice['Id']}/transactions?Status=FAILED&Status=SUCCEEDED"
    assert len((await market.http.get(repeated)).json()) == 3


async def test_a_wallets_transactions_are_filtered_and_turned_round(market: Marketplace) -> None:
    alice, bob = await market.payer(), await market.owner()
    purse = await market.funded(alice, 1_000)
    till = await market.wallet(bob)
    moved = [created(await market.transfer(purse, till, amount)) for amount in (100, 200, 5_000)]

    async def ids(**query: str) -> list[str]:
        return [row["Id"] for row in (await market.get(f"/wallets/{purse['Id']}/transactions", **query)).json()]

    assert await ids(Type="TRANSFER", Status="SUCCEEDED") == [moved[0]["Id"], moved[1]["Id"]]
    assert await ids(ResultCode="001001,101108") == [moved[2]["Id"]]
    assert await ids(Type="TRANSFER", Sort="CreationDate:DESC", per_page="2") == [moved[2]["Id"], moved[1]["Id"]]
    assert await ids(Type="TRANSFER", page="2", per_page="2") == [moved[2]["Id"]]


async def test_a_users_wallets_are_listed_page_by_page(market: Marketplace) -> None:
    alice = await market.payer()
    ids = [(await market.wallet(alice, currency))["Id"] for currency in ("EUR", "GBP", "EUR")]
    page = await market.get(f"/users/{alice['Id']}/wallets", per_page="2")
    assert [row["Id"] for row in page.json()] == ids[:2]
    assert page.headers["x-number-of-items"] == "3"
    newest = await market.get(f"/users/{alice['Id']}/wallets", Sort="CreationDate:DESC")
    assert [row["Id"] for row in newest.json()] == ids[::-1]
    assert set(newest.json()[0]) == {
        *("Id", "Tag", "CreationDate", "Description", "Owners", "Balance", "Currency", "FundsType"),
    }


async def test_rows_of_transactions_show_only_what_all_kinds_share(market: Marketplace) -> None:
    alice = await market.payer()
    wallet = await market.funded(alice, 1_000)
    (row,) = (await market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    assert list(row) == [
        *("Id", "Tag", "CreationDate", "AuthorId", "CreditedUserId", "DebitedFunds", "CreditedFunds", "Fees"),
        *("Status", "ResultCode", "ResultMessage", "ExecutionDate", "Type", "Nature"),
        *("CreditedWalletId", "DebitedWalletId", "DepositId", "ExtendedPreauthorizationId"),
    ]
    assert (row["DepositId"], row["ExtendedPreauthorizationId"]) == (None, None)


async def test_the_rows_of_a_wallet_name_the_deposit_that_was_captured(market: Marketplace) -> None:
    alice = await market.payer()
    wallet, deposit = await market.wallet(alice), await deposited(market, await market.card(alice), 1_000)
    created(await captured(market, wallet, 800, "deposit-preauthorized/direct/full-capture", DepositId=deposit["Id"]))
    (row,) = (await market.get(f"/wallets/{wallet['Id']}/transactions")).json()
    assert row["DepositId"] == row["ExtendedPreauthorizationId"] == deposit["Id"]


async def test_an_event_has_no_id_and_spells_resource_with_one_s(market: Marketplace) -> None:
    await market.funded(await market.payer(), 1_000)
    created_, succeeded = (await market.get("/events")).json()
    assert list(created_) == ["ResourceId", "EventType", "Date"]
    only = await market.get("/events", EventType="PAYIN_NORMAL_SUCCEEDED", Sort="Date:DESC")
    assert only.json() == [succeeded]


async def test_events_older_than_45_days_are_not_searched(market: Marketplace) -> None:
    long_ago = str(int(time.time()) - 46 * 86_400)
    error = refused(await market.get("/events", AfterDate=long_ago))
    assert error["errors"] == {"AfterDate": "Events older than 45 days can not be searched"}


async def test_the_names_of_filters_are_read_in_any_letter_case(market: Marketplace) -> None:
    bob = await market.owner()
    document = await market.document(bob)
    now = int(time.time())

    async def ids(**query: str) -> list[str]:
        return [row["Id"] for row in (await market.get("/kyc/documents", **query)).json()]

    assert await ids(afterdate=str(now - 60), beforedate=str(now + 60), status="VALIDATED") == [document["Id"]]
    assert await ids(afterdate=str(now + 60)) == []
    assert await ids(BEFOREDATE=str(now - 60)) == []


async def test_events_of_several_types_are_found_in_any_letter_case(market: Marketplace) -> None:
    await market.document(await market.owner())

    async def types(query: str) -> list[str]:
        return [row["EventType"] for row in (await market.http.get(f"/v2.01/local/events?{query}")).json()]

    both = ["KYC_CREATED", "KYC_SUCCEEDED"]
    assert await types("EventType=kyc_created") == both[:1]
    assert await types("eventtype=KYC_CREATED") == both[:1]
    assert await types("EventType=KYC_SUCCEEDED,KYC_CREATED") == both
    assert await types("EventType=KYC_SUCCEEDED&EventType=KYC_CREATED&Sort=Date:DESC") == both[::-1]
    assert await types("EventType=KYC_FAILED") == []
