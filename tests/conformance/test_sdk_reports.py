"""Mangopay's own client asks for reports: of the legacy kind, and of the reporting service."""

import csv
import io
import time
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from mangopay.exceptions import APIError
from mangopay.resources import Report, ReportTransactions, ReportV2, ReportWallets
from mangopay.utils import ReportFilter, ReportTransactionsFilters, ReportWalletsFilters

from tests.conformance.people import paid, payer, wallet_of

# The client reads timestamps by a function that newer Pythons warn of.
pytestmark = pytest.mark.filterwarnings("ignore:.*utcfromtimestamp.*:DeprecationWarning")

DAY_S = 86_400


def downloaded(url: str) -> list[dict[str, str]]:
    response = httpx.get(url, trust_env=False).raise_for_status()
    return list(csv.DictReader(io.StringIO(response.text)))


def naive(seconds: float) -> datetime:
    """Return a date as the client takes it: in UTC, without saying so."""
    return datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)


def test_a_report_of_transactions_is_created_viewed_and_listed() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    paid(alice, wallet, 100)
    at = int(time.time())
    report = ReportTransactions(
        report_type="transactions",
        columns=["Id", "Type"],
        tag="march",
        filters=ReportTransactionsFilters(
            before_date=at, after_date=at - DAY_S, transaction_type=["PAYIN"], status=["SUCCEEDED"], nature=["REGULAR"]
        ),
    )
    report.save()
    assert report.id.startswith("report_m_")
    assert (report.report_type, report.columns, report.filters.transaction_type) == (
        *("TRANSACTIONS", ["Id", "Type"], ["PAYIN"]),
    )
    seen = Report.get(report.id)
    assert (seen.result_code, seen.download_format) == ("000000", "CSV")
    assert seen.download_url
    assert report.id in [row.id for row in Report.all(per_page=100)]


def test_a_report_of_wallets_is_downloaded() -> None:
    alice = payer()
    wallet = wallet_of(alice)
    paid(alice, wallet, 1_234)
    report = ReportWallets(report_type="wallets", filters=ReportWalletsFilters(owner_id=alice.id, currency="EUR"))
    report.save()
    (row,) = downloaded(ReportWallets.get(report.id).download_url)
    assert (row["Id"], row["BalanceAmount"], row["Owners"]) == (wallet.id, "1234", alice.id)


def service_report(**more: Any) -> Any:
    at = time.time()
    report = ReportV2(
        download_format="CSV",
        report_type="USER_WALLET_TRANSACTIONS",
        after_date=naive(at - DAY_S),
        before_date=naive(at + 60),
        **more,
    )
    report.save()
    return report


def test_a_report_of_the_service_is_created_viewed_listed_and_downloaded() -> None:
    alice = payer()
    payin = paid(alice, wallet_of(alice), 100)
    report = service_report(filters=ReportFilter(user_id=alice.id), tag="spring")
    assert (report.status, report.sort) == ("PENDING", "CreationDate:DESC")
    assert report.columns[0] == {"Name": "ClientId", "IsDefault": True}
    seen = ReportV2.get(report.id)
    assert (seen.status, seen.filters.user_id) == ("GENERATED", alice.id)
    assert report.id in [row.id for row in ReportV2.all(per_page=100, Status="GENERATED")]
    assert [row["TransactionId"] for row in downloaded(seen.download_url)] == [payin.id]


def test_a_report_too_long_or_with_unknown_columns_is_refused() -> None:
    with pytest.raises(APIError) as caught:
        service_report(columns=["Colour"])
    assert caught.value.content["errors"] == {"Report": "Unknown columns were found in the list: Colour"}
    with pytest.raises(APIError) as caught:
        ReportV2(
            download_format="CSV",
            report_type="COLLECTED_FEES",
            after_date=naive(time.time() - 400 * DAY_S),
            before_date=naive(time.time()),
        ).save()
    assert caught.value.content["errors"] == {"Report": "Max 12 months between AfterDate and BeforeDate."}


def test_an_unknown_report_does_not_exist() -> None:
    for kind, report_id in ((Report, "report_m_nothing"), (ReportV2, "report_nothing")):
        with pytest.raises(kind.DoesNotExist):
            kind.get(report_id)
