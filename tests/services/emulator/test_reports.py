"""Reports of both services: what is refused, how they come about, and what their files hold."""

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest

from services.emulator import Emulator
from tests.services.emulator.control import Controls
from tests.services.emulator.marketplace import BASE_URL, Json, Marketplace, created, refused
from tests.services.emulator.receiver import Receiver

DAY_S = 86_400
USUAL = [
    *("Id", "Tag", "CreationDate", "ExecutionDate", "AuthorId", "CreditedUserId"),
    *("DebitedFundsAmount", "DebitedFundsCurrency", "CreditedFundsAmount", "CreditedFundsCurrency"),
    *("FeesAmount", "FeesCurrency", "Status", "ResultCode", "ResultMessage", "Type", "Nature"),
    *("CreditedWalletId", "DebitedWalletId"),
]


async def now(control: Controls) -> int:
    return int((await control.get("/clock")).json()["Now"])


async def rows_of(market: Marketplace, report: Json) -> list[dict[str, str]]:
    """Return the rows of the file of a report."""
    response = await market.browser.get(report["DownloadURL"].removeprefix(BASE_URL))
    assert response.status_code == 200, response.text
    assert response.headers["content-type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(response.text)))


async def report_of(market: Marketplace, kind: str, **body: object) -> Json:
    report = created(await market.post(f"/reports/{kind}", dict(body)))
    assert report["Status"] == "PENDING"
    return created(await market.get(f"/reports/{report['Id']}"))


async def service_report(market: Marketplace, control: Controls, kind: str, **body: object) -> Json:
    until = await now(control)
    base: Json = {"DownloadFormat": "CSV", "ReportType": kind, "AfterDate": until - DAY_S, "BeforeDate": until}
    report = created(await market.post("/reporting/reports", base | body))
    assert report["Status"] == "PENDING"
    return created(await market.get(f"/reporting/reports/{report['Id']}"))


async def sale(market: Marketplace) -> tuple[Json, Json]:
    """Let Alice pay Bob 1,000 of which the platform takes 100; return their wallets."""
    purse, till = await market.funded(await market.payer(), 1_000), await market.wallet(await market.owner())
    created(await market.transfer(purse, till, 1_000, fees=100))
    return purse, till


async def test_a_legacy_report_answers_every_field(market: Marketplace) -> None:
    report = created(await market.post("/reports/transactions", {"Tag": "year"}))
    assert report["Id"].startswith("report_m_")
    filters = report.pop("Filters")
    assert set(filters) == {
        *("BeforeDate", "AfterDate", "Type", "Status", "Nature", "ResultCode", "AuthorId", "WalletId"),
        *("MinDebitedFundsAmount", "MinDebitedFundsCurrency", "MaxDebitedFundsAmount", "MaxDebitedFundsCurrency"),
        *("MinFeesAmount", "MinFeesCurrency", "MaxFeesAmount", "MaxFeesCurrency"),
    }
    assert {name: report[name] for name in report if name not in ("Id", "CreationDate")} == {
        "Tag": "year",
        "ReportDate": None,
        "Status": "PENDING",
        "DownloadFormat": "CSV",
        "DownloadURL": None,
        "CallbackURL": None,
        "ReportType": "TRANSACTIONS",
        "Sort": "CreationDate:ASC",
        "Preview": False,
        "Columns": USUAL,
        "ResultCode": None,
        "ResultMessage": None,
    }


async def test_a_report_of_transactions_holds_what_is_older_than_five_minutes(
    market: Marketplace, control: Controls
) -> None:
    purse, _ = await sale(market)
    assert await rows_of(market, await report_of(market, "transactions")) == []
    await control.advance(301)
    report = await report_of(market, "transactions")
    assert (report["Status"], report["ResultCode"]) == ("READY_FOR_DOWNLOAD", "000000")
    rows = await rows_of(market, report)
    assert list(rows[0]) == USUAL
    assert [(row["Type"], row["DebitedFundsAmount"], row["FeesAmount"]) for row in rows] == [
        *(("PAYIN", "1000", "0"), ("TRANSFER", "1000", "100")),
    ]
    assert (rows[0]["DebitedWalletId"], rows[1]["DebitedWalletId"]) == ("", purse["Id"])


async def test_filters_columns_sort_and_preview_shape_a_report(market: Marketplace, control: Controls) -> None:
    alice = await market.payer()
    wallet, card = await market.wallet(alice), await market.card(alice)
    for amount in (100, 200, 300, *range(1_000, 1_012)):
        created(await market.pay_in(card, wallet, amount))
    await control.advance(301)

    async def amounts(filters: Json, **more: object) -> list[int]:
        report = await report_of(market, "transactions", Filters=filters, Columns=["DebitedFundsAmount"], **more)
        return [int(row["DebitedFundsAmount"]) for row in await rows_of(market, report)]

    bounds = {"MinDebitedFundsAmount": 150, "MaxDebitedFundsAmount": "300", "MaxDebitedFundsCurrency": "EUR"}
    assert await amounts(bounds) == [200, 300]
    assert await amounts(bounds, Sort="CreationDate:DESC") == [300, 200]
    assert await amounts(bounds | {"MinDebitedFundsCurrency": "GBP"}) == []
    assert len(await amounts({"AuthorId": alice["Id"], "Type": ["PAYIN"], "Status": ["SUCCEEDED"]})) == 15
    assert len(await amounts({"WalletId": wallet["Id"]}, Preview=True)) == 10
    assert await amounts({"WalletId": wallet["Id"], "Nature": ["REFUND"]}) == []
    columns = ["CreationDate:ISO", "CardAlias", "CardType", "PaymentType", "ClientId"]
    row = (await rows_of(market, await report_of(market, "transactions", Columns=columns)))[0]
    assert row["CreationDate:ISO"].endswith("Z")
    assert [row[name] for name in columns[1:]] == ["497010XXXXXX1119", "CB_VISA_MASTERCARD", "CARD", "local"]


async def test_a_report_of_wallets_lists_them_all(market: Marketplace) -> None:
    purse, till = await sale(market)
    rows = await rows_of(market, await report_of(market, "wallets"))
    assert {row["Id"]: row["BalanceAmount"] for row in rows} == {
        purse["Id"]: "0",
        till["Id"]: "900",
        "FEES_EUR": "100",
        "CREDIT_EUR": "0",
    }
    filters = {"OwnerId": till["Owners"][0], "MinBalanceAmount": 900, "Currency": "EUR"}
    (row,) = await rows_of(market, await report_of(market, "wallets", Filters=filters))
    assert (row["Owners"], row["FundsType"], row["Currency"]) == (till["Owners"][0], "DEFAULT", "EUR")


async def test_what_makes_no_legacy_report(market: Marketplace, control: Controls) -> None:
    at = await now(control)

    async def named(body: Json) -> Json:
        return dict(refused(await market.post("/reports/transactions", body))["errors"])

    assert await named({"Filters": {"AfterDate": at - 1_200 * DAY_S}}) == {
        "Filters.AfterDate": "This report type can only be done for the last 36 months."
    }
    assert "Filters.AfterDate" in await named({"Filters": {"AfterDate": at - 200 * DAY_S}})
    assert "Columns" in await named({"Columns": ["Colour"]})
    assert "Filters.Type" in await named({"Filters": {"Type": ["GIFT"]}})
    assert "DownloadFormat" in await named({"DownloadFormat": "PDF"})
    assert "Filters" in await named({"Filters": ["Type"]})
    assert "CallbackURL" in await named({"CallbackURL": "http://["})


async def test_whoever_waits_for_a_report_is_called(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    report = await report_of(market, "wallets", CallbackURL=receiver.url)
    await receiver.wait_for(1)
    await emulator.idle()
    query = parse_qs(urlsplit(receiver.request_lines[0].split()[1]).query)
    assert (query["EventType"], query["ResourceId"]) == (["REPORT_READY_FOR_DOWNLOAD"], [report["Id"]])
    assert len(receiver.request_lines) == 1


async def test_a_callback_that_fails_is_tried_again_and_no_hook_suffers(
    emulator: Emulator, market: Marketplace, receiver: Receiver
) -> None:
    receiver.status = 500
    await report_of(market, "wallets", CallbackURL=receiver.url)
    await emulator.idle()
    assert len(receiver.request_lines) == 16
    assert (await market.get("/hooks")).json() == []


async def test_a_link_lasts_a_day_and_opens_to_its_signature_alone(market: Marketplace, control: Controls) -> None:
    report = await report_of(market, "wallets")
    path = report["DownloadURL"].removeprefix(BASE_URL)
    assert (await market.browser.get(path.split("?")[0])).status_code == 403
    assert (await market.browser.get(path)).status_code == 200
    await control.advance(DAY_S + 1)
    expired = created(await market.get(f"/reports/{report['Id']}"))
    assert (expired["Status"], expired["DownloadURL"]) == ("EXPIRED", None)
    assert (await market.browser.get(path)).status_code == 403
    assert (await market.browser.get("/downloads/nothing.csv")).status_code == 403


async def test_reports_are_listed_by_date(market: Marketplace, control: Controls) -> None:
    first = await report_of(market, "wallets")
    await control.advance(DAY_S // 2)
    second = await report_of(market, "transactions")
    assert [row["Id"] for row in (await market.get("/reports")).json()] == [first["Id"], second["Id"]]
    late = await market.get("/reports", AfterDate=str(second["CreationDate"]))
    assert [row["Id"] for row in late.json()] == [second["Id"]]
    assert (await market.get("/reports/report_m_nothing")).status_code == 404


async def test_a_report_of_the_service_is_generated_and_told_of(market: Marketplace, control: Controls) -> None:
    until = await now(control)
    body: Json = {"DownloadFormat": "CSV", "ReportType": "COLLECTED_FEES"}
    body |= {"AfterDate": until - DAY_S, "BeforeDate": until, "Filters": {"Currency": "EUR", "UserId": None}}
    pending = created(await market.post("/reporting/reports", body))
    assert pending["Id"].startswith("report_")
    assert (pending["ReportDate"], pending["DownloadURL"], pending["Sort"]) == (None, None, "CreationDate:DESC")
    assert pending["Filters"] == {"Currency": "EUR"}
    assert pending["Columns"][0] == {"Name": "ClientId", "IsDefault": True}
    done = created(await market.get(f"/reporting/reports/{pending['Id']}"))
    assert (done["Status"], done["ResultMessage"]) == ("GENERATED", "Success")
    assert (await market.events())[-1] == ("REPORT_GENERATED", pending["Id"])
    await control.advance(31 * DAY_S + 1)
    expired = created(await market.get(f"/reporting/reports/{pending['Id']}"))
    assert (expired["Status"], expired["DownloadURL"]) == ("EXPIRED", None)


async def test_a_report_of_user_wallets_holds_what_a_user_paid_and_got(market: Marketplace, control: Controls) -> None:
    purse, till = await sale(market)
    created(await market.transfer(till, await market.wallet({"Id": till["Owners"][0]}), 100))
    failed = created(await market.transfer(purse, till, 1_000_000))
    kind = "USER_WALLET_TRANSACTIONS"

    async def kinds(**filters: object) -> list[str]:
        report = await service_report(market, control, kind, Filters=filters, Sort="CreationDate:ASC")
        rows = await rows_of(market, report)
        assert failed["Id"] not in [row["TransactionId"] for row in rows]
        return [row["Type"] for row in rows]

    assert await kinds() == ["PAYIN", "TRANSFER", "TRANSFER"]
    assert await kinds(UserId=purse["Owners"][0]) == ["PAYIN", "TRANSFER"]
    assert await kinds(UserId=till["Owners"][0]) == ["TRANSFER", "TRANSFER"]
    assert await kinds(UserId=till["Owners"][0], Currency="GBP") == []
    assert await kinds(WalletId=purse["Id"]) == ["PAYIN", "TRANSFER"]


async def test_a_report_of_collected_fees_holds_what_had_fees(market: Marketplace, control: Controls) -> None:
    _, till = await sale(market)
    columns = ["FeesAmount", "DebitedWalletId", "ExecutionDate:ISO"]
    report = await service_report(market, control, "COLLECTED_FEES", Columns=columns, DateRangeBy="EXECUTION_DATE")
    assert report["Columns"] == [{"Name": name, "IsDefault": not name.endswith("ISO")} for name in columns]
    (row,) = await rows_of(market, report)
    assert row["FeesAmount"] == "100"
    assert row["DebitedWalletId"] != till["Id"]


async def test_a_report_of_deadlines_names_who_has_one(market: Marketplace, control: Controls) -> None:
    bob = await market.owner()
    await market.document(bob)
    until = await now(control)
    dates = {"AfterDate": until, "BeforeDate": until + 365 * DAY_S}
    near = await service_report(market, control, "KYC_RENEWAL_DEADLINE", **dates)
    assert await rows_of(market, near) == []
    await control.advance(4 * 365 * DAY_S)
    until = await now(control)
    dates = {"AfterDate": until, "BeforeDate": until + 366 * DAY_S}
    rows = await rows_of(market, await service_report(market, control, "KYC_RENEWAL_DEADLINE", **dates))
    assert [(row["UserId"], row["KYCLevel"]) for row in rows] == [(bob["Id"], "REGULAR")]


@pytest.mark.parametrize(
    "kind", ["ECHO_INTENT", "ECHO_INTENT_ACTION", "ECHO_SETTLEMENT", "ECHO_SPLIT", "KYC_RENEWAL_DEADLINE"]
)
async def test_every_other_type_has_a_file_with_its_columns(market: Marketplace, control: Controls, kind: str) -> None:
    report = await service_report(market, control, kind)
    text = (await market.browser.get(report["DownloadURL"].removeprefix(BASE_URL))).text
    assert text.strip() == ",".join(column["Name"] for column in report["Columns"])


async def test_what_makes_no_report_of_the_service(market: Marketplace, control: Controls) -> None:
    until = await now(control)
    good: Json = {"DownloadFormat": "CSV", "ReportType": "USER_WALLET_TRANSACTIONS"}
    good |= {"AfterDate": until - DAY_S, "BeforeDate": until}

    async def errors(body: Json) -> Json:
        return dict(refused(await market.post("/reporting/reports", good | body))["errors"])

    assert await errors({"AfterDate": until - 400 * DAY_S}) == {
        "Report": "Max 12 months between AfterDate and BeforeDate."
    }
    assert await errors({"Columns": ["Colour", "Tag"]}) == {"Report": "Unknown columns were found in the list: Colour"}
    assert await errors({"Filters": {"Currency": "EUR", "WalletId": "wlt_m_1"}}) == {
        "UserId & Currency": "User Id or Wallet Id has to be provided in filters"
    }
    for name in ("DownloadFormat", "ReportType", "AfterDate", "BeforeDate"):
        assert await errors({name: None}) == {name: f"The {name} field is required."}
    assert list(await errors({"ReportType": "WEATHER"})) == ["ReportType"]
    assert list(await errors({"DateRangeBy": "MOON"})) == ["DateRangeBy"]
    assert list(await errors({"AfterDate": until + 1})) == ["Report"]


async def test_reports_of_the_service_are_listed_newest_first(market: Marketplace, control: Controls) -> None:
    first = await service_report(market, control, "COLLECTED_FEES")
    second = await service_report(market, control, "COLLECTED_FEES")
    await control.do("report.fail", "-", ResultCode="805001")
    failed = await service_report(market, control, "COLLECTED_FEES")
    assert (failed["Status"], failed["ResultCode"], failed["DownloadURL"]) == ("FAILED", "805001", None)
    assert (await market.events())[-1] == ("REPORT_FAILED", failed["Id"])
    assert [row["Id"] for row in (await market.get("/reporting/reports", Status="GENERATED")).json()] == [
        *(second["Id"], first["Id"]),
    ]
    ascending = await market.get("/reporting/reports", Sort="CreationDate:ASC")
    assert [row["Id"] for row in ascending.json()] == [first["Id"], second["Id"], failed["Id"]]
    assert (await market.get("/reporting/reports/report_nothing")).status_code == 404


async def test_a_report_of_either_service_can_be_made_to_fail(market: Marketplace, control: Controls) -> None:
    legacy, service = await report_of(market, "wallets"), await service_report(market, control, "COLLECTED_FEES")
    for report, path in ((legacy, "/reports"), (service, "/reporting/reports")):
        await control.do("report.fail", report["Id"])
        failed = created(await market.get(f"{path}/{report['Id']}"))
        assert (failed["Status"], failed["ResultMessage"]) == (
            *("FAILED", "There was an error executing your report request"),
        )
        assert (await control.post(f"/do/report.fail/{report['Id']}")).status_code == 400


async def test_a_long_report_comes_in_pieces(market: Marketplace, emulator: Emulator, control: Controls) -> None:
    await sale(market)
    transactions = emulator._world.store.transactions
    model = next(iter(transactions))
    for number in range(1_200):
        transactions.take(model | {"Id": f"payin_m_{number}"})
    await control.advance(301)
    rows = await rows_of(market, await report_of(market, "transactions", Sort="CreationDate:DESC"))
    assert len({row["Id"] for row in rows}) == len(rows) == 1_202
