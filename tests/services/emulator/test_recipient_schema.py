"""What a recipient must consist of, and how one can be paid out to."""

from typing import Any

import pytest

from services.emulator.rules.recipient_fields import LOCAL_FIELDS
from tests.services.emulator.marketplace import Marketplace, created, refused


async def test_payout_methods_depend_on_country_and_currency(market: Marketplace) -> None:
    async def methods(country: str, currency: str) -> Any:
        query = {"country": country, "currency": currency}
        return created(await market.get("/recipients/payout-methods", **query))["AvailablePayoutMethods"]

    assert await methods("DE", "EUR") == ["LocalBankTransfer", "InternationalBankTransfer"]
    assert await methods("GB", "GBP") == ["LocalBankTransfer", "InternationalBankTransfer"]
    assert await methods("US", "EUR") == ["InternationalBankTransfer"]
    error = refused(await market.get("/recipients/payout-methods", Country="KP", Currency="XXX"))
    assert error["Errors"] == {"Country": "UNSUPPORTED_COUNTRY", "Currency": "UNSUPPORTED_CURRENCY"}


async def test_the_schema_describes_every_field(market: Marketplace) -> None:
    query = {"PayoutMethodType": "InternationalBankTransfer", "RecipientType": "Individual"}
    found = created(await market.get("/recipients/schema", **query, Currency="EUR", Country="US"))
    assert list(found) == [
        *("DisplayName", "Currency", "Country", "RecipientType", "PayoutMethodType", "Tag", "RecipientScope"),
        *("IndividualRecipient", "InternationalBankTransfer"),
    ]
    assert found["DisplayName"] == {
        "Required": True,
        "MaxLength": 50,
        "Pattern": "^(?!.*[&,'/]).{1,50}$",
        "Label": "Display Name",
        "EndUserDisplay": "Show",
    }
    assert found["Currency"]["AllowedValues"] == ["EUR"]
    assert (found["RecipientScope"]["AllowedValues"], found["Tag"]["Required"]) == (["PAYOUT", "PAYIN"], False)
    assert found["IndividualRecipient"]["Address"]["Region"]["Required"] is True
    assert found["InternationalBankTransfer"]["BIC"]["Required"] is True
    wrong = refused(await market.get("/recipients/schema", PayoutMethodType="LocalBankTransfer"))
    assert wrong["Errors"] == dict.fromkeys(("RecipientType", "Currency", "Country"), "REQUIRED")


@pytest.mark.parametrize("currency", LOCAL_FIELDS)
async def test_the_schema_of_a_local_account_is_that_of_its_currency(market: Marketplace, currency: str) -> None:
    country = "DE" if currency == "EUR" else currency[:2]
    query = {"payoutMethodType": "LocalBankTransfer", "recipientType": "Business", "currency": currency}
    found = created(await market.get("/recipients/schema", **query, country=country))
    assert list(found["LocalBankTransfer"]) == [currency]
    assert set(found["BusinessRecipient"]) == {"BusinessName", "Address"}
    assert all(leaf["Label"] and "Required" in leaf for leaf in found["LocalBankTransfer"][currency].values())
