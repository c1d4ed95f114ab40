"""Payments that somebody else acquired: declared, captured, refunded, disputed, settled, and split among sellers."""

import pytest

from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused

DAY_S = 86_400
V3 = "/v3.0/local/payins/intents"
HEADER = "ExternalProviderReference,ExternalTransactionType,ExternalTransactionStatus,Amount,Currency"


class Echo:
    """A platform that declares what its other provider does."""

    def __init__(self, market: Marketplace) -> None:
        self.market = market

    async def get(self, path: str = "", **query: str) -> Json:
        return created(await self.market.http.get(V3 + path, params=query))

    async def rows(self, path: str = "", **query: str) -> list[Json]:
        response = await self.market.http.get(V3 + path, params=query)
        assert response.status_code == 200, response.text
        rows: list[Json] = response.json()
        return rows

    async def post(self, path: str, body: Json | None = None) -> Json:
        return created(await self.market.http.post(V3 + path, json=body or {}))

    async def put(self, path: str, body: Json) -> Json:
        return created(await self.market.http.put(V3 + path, json=body))

    async def refused(self, path: str, body: Json | None = None, *, method: str = "POST", status: int = 400) -> Json:
        return refused(await self.market.http.request(method, V3 + path, json=body or {}), status)

    async def seller(self) -> Json:
        bob = await self.market.owner()
        return {"AuthorId": bob["Id"], "WalletId": (await self.market.wallet(bob))["Id"]}

    async def declare(self, *amounts: int, reference: str = "auth-1", fees: int = 0) -> Json:
        """Declare an intent with a line item of each amount, all of one seller."""
        seller = await self.seller()
        items = [
            {"Seller": seller | {"FeesAmount": fees}, "Sku": f"item-{at}", "Quantity": 1, "UnitAmount": amount}
            for at, amount in enumerate(amounts)
        ]
        return await self.post("", intent_body(sum(amounts), items, reference))

    async def captured(self, *amounts: int, reference: str = "auth-1", fees: int = 0) -> Json:
        intent = await self.declare(*amounts, reference=reference, fees=fees)
        return await self.post(f"/{intent['Id']}/captures")

    async def upload(self, *rows: str, total: int, fees: int = 0) -> Json:
        """Upload a settlement file and return the settlement as it stands afterwards."""
        settlement = await self.post("/settlements", {"FileName": "june.csv"})
        footer = [
            f"TotalNetSettlementAmount,{total},,,",
            f"TotalSettlementFeesAmount,{fees},,,",
            *("SettlementDate,19-06-2026,,,", "SettlementCurrency,EUR,,,", "ExternalProviderName,Stripe,,,"),
        ]
        text = "\n".join([HEADER, *rows, ",,,,", *footer])
        url = settlement["UploadUrl"].removeprefix(BASE_URL)
        uploaded = await self.market.browser.put(url, content=text, headers={"Content-Type": "text/csv"})
        assert (uploaded.status_code, uploaded.content) == (200, b"")
        return await self.get(f"/settlements/{settlement['SettlementId']}")

    async def split(self, intent: Json, amount: int, fees: int = 0, **more: object) -> Json:
        split = {"LineItemId": intent["LineItems"][0]["Id"], "SplitAmount": amount, "FeesAmount": fees}
        made: Json = (await self.post(f"/{intent['Id']}/splits", {"Splits": [split | more]}))["Splits"][0]
        return made

    async def events(self, resource_id: str) -> list[str]:
        return [name for name, told_id in await self.market.events() if told_id == resource_id]


@pytest.fixture
def echo(market: Marketplace) -> Echo:
    return Echo(market)


def intent_body(amount: int, items: list[Json], reference: str = "auth-1") -> Json:
    external = {
        "ExternalProcessingDate": 1_754_489_100,
        "ExternalProviderReference": reference,
        "ExternalMerchantReference": "order-1",
        "ExternalProviderName": "Stripe",
        "ExternalProviderPaymentMethod": "MASTERCARD",
    }
    return {"Amount": amount, "Currency": "EUR", "ExternalData": external, "LineItems": items}


def line(amount: int, reference: str = "auth-1", kind: str = "PAYMENT") -> str:
    return f"{reference},{kind},SETTLED,{amount},EUR"


async def test_an_intent_is_declared_and_viewed(echo: Echo, market: Marketplace) -> None:
    alice, seller = await market.payer(), await echo.seller()
    item = {"Seller": seller, "Sku": "shoes", "Quantity": 2, "UnitAmount": 6_000, "DiscountAmount": 2_000}
    body = intent_body(10_000, [item]) | {"Buyer": {"Id": alice["Id"]}}
    intent = await echo.post("", body)
    assert intent["Id"].startswith("int_")
    assert (intent["Status"], intent["NextActions"]) == ("AUTHORIZED", "CAPTURE, CANCEL")
    assert (intent["Amount"], intent["AvailableAmountToSplit"], intent["PlatformFeesAmount"]) == (10_000, 10_000, 0)
    assert (intent["ExternalData"], intent["Buyer"]) == (body["ExternalData"], {"Id": alice["Id"]})
    (shown,) = intent["LineItems"]
    assert (shown["Id"][:7], shown["TotalLineItemAmount"], shown["CapturedAmount"]) == ("int_li_", 10_000, 0)
    assert (shown["Seller"]["AuthorId"], shown["Seller"]["WalletId"]) == (seller["AuthorId"], seller["WalletId"])
    assert (intent["Captures"], intent["Refunds"], intent["Disputes"], intent["Splits"]) == ([], [], [], [])
    assert "ExternalProviderName" not in intent
    assert await echo.get(f"/{intent['Id']}") == intent
    assert await echo.events(intent["Id"]) == ["INTENT_AUTHORIZED"]
    await echo.refused("/int_none", method="GET", status=404)


async def test_one_of_seller_and_wallet_leads_to_the_other(echo: Echo) -> None:
    seller = await echo.seller()
    items = [
        {"Seller": {name: seller[name]}, "Sku": "x", "Quantity": 1, "UnitAmount": 1}
        for name in ("AuthorId", "WalletId")
    ]
    shown = (await echo.post("", intent_body(2, items)))["LineItems"]
    assert [item["Seller"]["AuthorId"] for item in shown] == [seller["AuthorId"]] * 2
    assert [item["Seller"]["WalletId"] for item in shown] == [seller["WalletId"]] * 2


async def test_what_is_wrong_with_an_intent(echo: Echo, market: Marketplace) -> None:
    seller = await echo.seller()
    item = {"Seller": seller, "Sku": "shoes", "Quantity": 1, "UnitAmount": 1_000}
    assert set((await echo.refused("", {}))["errors"]) >= {"Amount", "Currency", "ExternalData", "LineItems"}
    assert "Amount" in (await echo.refused("", intent_body(999, [item])))["errors"]
    nobody = intent_body(1_000, [item | {"Seller": {}}])
    assert list((await echo.refused("", nobody))["errors"]) == ["LineItems[0].Seller.AuthorId"]
    pounds = await market.wallet(await market.owner(), "GBP")
    foreign = intent_body(1_000, [item | {"Seller": {"WalletId": pounds["Id"]}}])
    assert list((await echo.refused("", foreign))["errors"]) == ["LineItems[0].Seller.WalletId"]
    for nonsense in ("x", [1], {"Id": 1}):
        assert "LineItems" in (await echo.refused("", intent_body(1, []) | {"LineItems": nonsense}))["errors"]


async def test_an_intent_is_captured_in_full_or_in_parts(echo: Echo) -> None:
    whole = await echo.captured(600, 400)
    assert (whole["Status"], whole["NextActions"]) == ("CAPTURED", "REFUND, DISPUTE")
    assert whole["Capture"]["Id"] == whole["Captures"][0]["Id"]
    assert [item["CapturedAmount"] for item in whole["LineItems"]] == [600, 400]
    intent = await echo.declare(600, 400)
    first, second = (item["Id"] for item in intent["LineItems"])
    path = f"/{intent['Id']}/captures"
    part = await echo.post(path, {"Amount": 500, "LineItems": [{"Id": first, "Amount": 500}]})
    assert (part["Status"], part["Captures"][0]["Amount"]) == ("PARTIALLY_CAPTURED", 500)
    too_much = {"LineItems": [{"Id": first, "Amount": 101}]}
    assert "LineItems[0].Amount" in (await echo.refused(path, too_much))["errors"]
    assert "LineItems" in (await echo.refused(path, {"Amount": 50}))["errors"]
    unequal = {"Amount": 50, "LineItems": [{"Id": second, "Amount": 40}]}
    assert "Amount" in (await echo.refused(path, unequal))["errors"]
    rest = await echo.post(path)
    assert (rest["Status"], [one["Amount"] for one in rest["Captures"]]) == ("CAPTURED", [500, 500])
    assert (await echo.refused(path))["Type"] == "invalid_action"
    assert await echo.events(intent["Id"]) == ["INTENT_AUTHORIZED", "INTENT_CAPTURED", "INTENT_CAPTURED"]


async def test_an_intent_is_cancelled_before_it_is_captured(echo: Echo) -> None:
    intent = await echo.declare(600, 400)
    first = intent["LineItems"][0]["Id"]
    part = await echo.post(f"/{intent['Id']}/cancel", {"LineItems": [{"Id": first, "Amount": 600}]})
    assert (part["Status"], part["AvailableAmountToSplit"]) == ("AUTHORIZED", 400)
    whole = await echo.post(f"/{intent['Id']}/cancel")
    assert (whole["Status"], whole["AvailableAmountToSplit"]) == ("CANCELED", 0)
    await echo.refused(f"/{intent['Id']}/captures")
    await echo.refused(f"/{(await echo.captured(100))['Id']}/cancel")


async def test_a_refund_is_declared_and_reversed(echo: Echo) -> None:
    intent = await echo.captured(1_000)
    path, item = f"/{intent['Id']}/refunds", intent["LineItems"][0]["Id"]
    part = await echo.post(path, {"Amount": 300, "LineItems": [{"Id": item, "Amount": 300}]})
    assert (part["Status"], part["AvailableAmountToSplit"]) == ("PARTIALLY_REFUNDED", 700)
    whole = await echo.post(path, {"ExternalData": {"ExternalProviderReference": "refund-2"}})
    assert (whole["Status"], whole["ExternalData"]["ExternalProviderReference"]) == ("REFUNDED", "refund-2")
    assert whole["LineItems"][0]["RefundedAmount"] == 1_000
    reverse = f"{path}/{whole['Refund']['Id']}/reverse"
    assert "Amount" in (await echo.refused(reverse, {"Amount": 1}))["errors"]
    back = await echo.post(reverse, {"Amount": 700})
    assert (back["Status"], back["Refunds"][1]["Status"]) == ("REFUND_REVERSED", "REFUND_REVERSED")
    assert back["LineItems"][0]["RefundedAmount"] == 300
    await echo.refused(reverse)
    await echo.refused(f"{path}/int_refund_none/reverse", status=404)
    told = await echo.events(intent["Id"])
    assert told[2:] == ["INTENT_REFUNDED", "INTENT_REFUNDED", "INTENT_REFUND_REVERSED"]


@pytest.mark.parametrize(
    ("decision", "left", "event"),
    [("DISPUTED_WON", 1_000, "INTENT_DISPUTE_WON"), ("DISPUTED_LOST", 600, "INTENT_DISPUTE_LOST")],
)
async def test_a_dispute_is_declared_defended_and_decided(echo: Echo, decision: str, left: int, event: str) -> None:
    intent = await echo.captured(1_000)
    path = f"/{intent['Id']}/captures/{intent['Capture']['Id']}/disputes"
    item = intent["LineItems"][0]["Id"]
    made = await echo.post(path, {"Amount": 400, "LineItems": [{"Id": item, "Amount": 400}]})
    assert (made["Status"], made["AvailableAmountToSplit"]) == ("PARTIALLY_DISPUTED", 600)
    verdict = f"{path}/{made['Dispute']['Id']}/decision"
    assert (await echo.put(verdict, {"Decision": "DEFENDED"}))["Disputes"][0]["Status"] == "DEFENDED"
    decided = await echo.put(verdict, {"Decision": decision})
    assert (decided["Disputes"][0]["Status"], decided["AvailableAmountToSplit"]) == (decision, left)
    assert "Decision" in (await echo.refused(verdict, {"Decision": "MAYBE"}, method="PUT"))["errors"]
    await echo.refused(verdict, {"Decision": "DEFENDED"}, method="PUT")
    assert (await echo.events(intent["Id"]))[2:] == ["INTENT_DISPUTE_CREATED", "INTENT_DISPUTE_DEFENDED", event]


async def test_intents_are_listed_by_status_provider_currency_and_date(echo: Echo) -> None:
    first, second = await echo.declare(100), await echo.captured(100)

    async def ids(**query: str) -> list[str]:
        return [row["Id"] for row in await echo.rows("", **query)]

    assert await ids() == [first["Id"], second["Id"]]
    assert await ids(Status="CAPTURED") == [second["Id"]]
    assert await ids(ExternalProviderName="stripe", Currency="EUR") == [first["Id"], second["Id"]]
    assert await ids(ExternalProviderName="Adyen") == []
    assert await ids(BeforeDate="1000000000") == []
    assert "Stripe" in await echo.get("/external-providers")


async def test_what_is_no_amount_may_be_changed(echo: Echo) -> None:
    intent = await echo.declare(100)
    item = {"Id": intent["LineItems"][0]["Id"], "Name": "Boots"}
    body = {"ExternalData": {"ExternalMerchantReference": "order-2"}, "LineItems": [item]}
    changed = await echo.put(f"/{intent['Id']}", body)
    assert (changed["ExternalData"]["ExternalMerchantReference"], changed["LineItems"][0]["Name"]) == (
        *("order-2", "Boots"),
    )
    assert changed["ExternalData"]["ExternalProviderReference"] == "auth-1"


async def test_a_settlement_brings_the_money_to_the_sellers(echo: Echo, market: Marketplace, control: Controls) -> None:
    intent = await echo.captured(1_000, fees=100)
    split = await echo.split(intent, 800, 100, Description="Shoes")
    assert (split["Status"], split["SellerId"]) == ("CREATED", intent["LineItems"][0]["Seller"]["AuthorId"])
    await echo.refused(f"/{intent['Id']}/splits/{split['Id']}/execute")
    settlement = await echo.upload(line(1_000), total=970, fees=30)
    assert (settlement["Status"], settlement["DeclaredIntentAmount"]) == ("PENDING_FUNDS_RECEPTION", 1_000)
    assert (settlement["ActualSettlementAmount"], settlement["ExternalProcessorFeesAmount"]) == (970, 30)
    assert (settlement["FundsMissingAmount"], settlement["ExternalProviderName"]) == (970, "Stripe")
    assert settlement["FileName"].startswith("june_")
    assert (await echo.get(f"/{intent['Id']}"))["SettlementId"] == settlement["SettlementId"]
    short = await control.do("settlement.fund", settlement["SettlementId"], Amount=500)
    assert (short["Status"], short["FundsMissingAmount"]) == ("INSUFFICIENT_FUNDS", 470)
    paid = await control.do("settlement.fund", settlement["SettlementId"])
    assert (paid["Status"], paid["FundsMissingAmount"]) == ("RECONCILED", 0)
    executed = await echo.post(f"/{intent['Id']}/splits/{split['Id']}/execute")
    assert executed["Status"] == "PENDING"
    assert (await echo.get(f"/{intent['Id']}/splits/{split['Id']}"))["Status"] == "COMPLETED"
    assert await market.balance({"Id": split["WalletId"]}) == 700
    assert created(await market.get("/clients/wallets/FEES/EUR"))["Balance"]["Amount"] == 100
    assert await echo.events(settlement["SettlementId"]) == [
        *("SETTLEMENT_PENDING_UPLOAD", "SETTLEMENT_UPLOADED", "SETTLEMENT_CREATED"),
        *("SETTLEMENT_PENDING_FUNDS_RECEPTION", "SETTLEMENT_INSUFFICIENT_FUNDS", "SETTLEMENT_RECONCILED"),
    ]
    assert (await echo.events(intent["Id"]))[2:] == ["INTENT_SETTLED_NOT_PAID", "INTENT_PAID"]
    assert await echo.events(split["Id"]) == ["SPLIT_CREATED", "SPLIT_PENDING_FUNDS_RECEPTION", "SPLIT_AVAILABLE"]


async def test_a_dated_split_executes_itself(echo: Echo, market: Marketplace, control: Controls) -> None:
    intent = await echo.captured(1_000)
    tomorrow = intent["CreationDate"] + DAY_S
    split = await echo.split(intent, 1_000, TransferDate=tomorrow)
    settlement = await echo.upload(line(1_000), total=1_000)
    await control.do("settlement.fund", settlement["SettlementId"])
    path = f"/{intent['Id']}/splits/{split['Id']}"
    assert (await echo.get(path))["Status"] == "AVAILABLE"
    await control.advance(DAY_S + 1)
    assert (await echo.get(path))["Status"] == "COMPLETED"
    assert await market.balance({"Id": split["WalletId"]}) == 1_000


async def test_a_split_is_changed_reversed_and_made_anew(echo: Echo) -> None:
    intent = await echo.captured(1_000)
    split = await echo.split(intent, 700)
    path = f"/{intent['Id']}/splits"
    assert "SplitAmount" in (await echo.refused(path, {"Splits": [split | {"SplitAmount": 301}]}))["errors"]
    changed = await echo.put(f"{path}/{split['Id']}", {"SplitAmount": "900", "Description": "More"})
    assert (changed["SplitAmount"], changed["Description"]) == (900, "More")
    assert (await echo.get(f"/{intent['Id']}"))["AvailableAmountToSplit"] == 100
    too_much = {"SplitAmount": 1_001}
    assert "SplitAmount" in (await echo.refused(f"{path}/{split['Id']}", too_much, method="PUT"))["errors"]
    await echo.refused(f"/{intent['Id']}/refunds")
    reversed_ = await echo.post(f"{path}/{split['Id']}/reverse")
    assert reversed_["Status"] == "REVERSED"
    assert (await echo.get(f"/{intent['Id']}"))["AvailableAmountToSplit"] == 1_000
    await echo.refused(f"{path}/{split['Id']}/reverse")
    again = await echo.split(intent, 1_000)
    listed = await echo.rows("/splits", Status="CREATED")
    assert [row["Id"] for row in listed] == [again["Id"]]
    assert (await echo.events(split["Id"]))[-1] == "SPLIT_REVERSED"
    await echo.refused(f"{path}/int_split_none", method="GET", status=404)


async def test_only_what_is_captured_is_split(echo: Echo) -> None:
    intent = await echo.declare(1_000)
    split = {"LineItemId": intent["LineItems"][0]["Id"], "SplitAmount": 100}
    assert (await echo.refused(f"/{intent['Id']}/splits", {"Splits": [split]}))["Type"] == "invalid_action"
    assert "Splits" in (await echo.refused(f"/{intent['Id']}/splits", {}))["errors"]


async def test_a_file_that_does_not_match_says_why(echo: Echo) -> None:
    await echo.captured(1_000)
    partly = await echo.upload(line(1_000), line(50, "unheard-of", "REFUND"), total=9_000)
    assert partly["Status"] == "PARTIALLY_MATCHED"
    errors = await echo.get(f"/settlements/{partly['SettlementId']}/validations")
    (footer,), (lines,) = errors["FooterErrors"], errors["LinesErrors"]
    assert (footer["FooterName"], footer["Code"]) == ("TotalNetSettlementAmount", "SETTLEMENTAMOUNT_NOT_MATCH")
    assert footer["Description"] == ("TotalNetSettlement amount 9000 EUR is not matching to declared amount 1000 EUR.")
    assert (lines["ExternalProviderReference"], lines["ExternalTransactionType"]) == ("unheard-of", "REFUND")
    assert (lines["Code"], lines["Details"][0]["Code"]) == ("MATCH_REF_NOT_FOUND", "MATCH_REF_NOT_FOUND")
    unmatched = await echo.upload(line(50, "unheard-of"), total=50)
    assert unmatched["Status"] == "UNMATCHED"


@pytest.mark.parametrize("content", [b"", b"\xff\x00,,\n\n", b"Amount,Currency\n1,EUR\n,\nTotal,x", b"{}" * 100])
async def test_a_file_that_is_none_fails(echo: Echo, market: Marketplace, content: bytes) -> None:
    settlement = await echo.post("/settlements", {"FileName": "june.csv"})
    await market.browser.put(settlement["UploadUrl"].removeprefix(BASE_URL), content=content)
    path = f"/settlements/{settlement['SettlementId']}"
    assert (await echo.get(path))["Status"] == "FAILED"
    assert (await echo.get(f"{path}/validations"))["FooterErrors"]


async def test_a_new_url_ends_the_old_one(echo: Echo, market: Marketplace, control: Controls) -> None:
    old = await echo.post("/settlements", {"FileName": "june.csv"})
    assert "FileName" in (await echo.refused("/settlements", {"FileName": "june.xls"}))["errors"]
    path = f"/settlements/{old['SettlementId']}"
    new = await echo.put(path, {"FileName": "july.csv"})
    assert (new["SettlementId"], new["FileName"][:5]) == (old["SettlementId"], "july_")
    assert "UploadUrl" not in await echo.get(path)
    urls = [one["UploadUrl"].removeprefix(BASE_URL) for one in (old, new)]
    await control.advance(60)
    assert (await market.browser.put(urls[0], content="x")).status_code == 403
    await control.advance(3_600)
    assert (await market.browser.put(urls[1], content="x")).status_code == 403


async def test_a_settlement_is_cancelled_and_uploaded_anew(echo: Echo) -> None:
    intent = await echo.captured(1_000)
    wrong = await echo.upload(line(1_000), total=1_000)
    cancelled = await echo.post(f"/settlements/{wrong['SettlementId']}/cancel")
    assert cancelled["Status"] == "CANCELLED"
    assert (await echo.get(f"/{intent['Id']}"))["SettlementId"] is None
    await echo.refused(f"/settlements/{wrong['SettlementId']}/cancel")
    right = await echo.upload(line(1_000), total=1_000)
    assert [row["Id"] for row in await echo.rows("/settlements", Status="PENDING_FUNDS_RECEPTION")] == [
        right["SettlementId"]
    ]


async def test_the_reference_of_a_refused_action_is_not_learned(echo: Echo) -> None:
    intent = await echo.captured(1_000)
    await echo.split(intent, 1_000)
    named = {"ExternalData": {"ExternalProviderReference": "never-happened"}}
    await echo.refused(f"/{intent['Id']}/refunds", named)
    # Whatever is saved of the intent afterwards says nothing about it either.
    await echo.put(f"/{intent['Id']}", {"ExternalData": {"ExternalMerchantReference": "order-2"}})
    settlement = await echo.upload(line(1_000, "never-happened"), total=1_000)
    assert settlement["Status"] == "UNMATCHED"


async def test_a_field_too_long_to_be_read_fails_the_settlement(echo: Echo, market: Marketplace) -> None:
    settlement = await echo.post("/settlements", {"FileName": "june.csv"})
    content = f'{HEADER}\n"{"x" * 140_000}'
    await market.browser.put(settlement["UploadUrl"].removeprefix(BASE_URL), content=content.encode())
    seen = await echo.get(f"/settlements/{settlement['SettlementId']}")
    assert seen["Status"] == "FAILED"
    errors = (await echo.get(f"/settlements/{settlement['SettlementId']}/validations"))["FooterErrors"]
    assert "INVALID_FORMAT" in {error["Code"] for error in errors}
    assert (await echo.put(f"/settlements/{settlement['SettlementId']}", {"FileName": "june.csv"}))["UploadUrl"]
