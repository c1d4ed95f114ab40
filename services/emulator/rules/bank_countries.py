"""By which local scheme each currency is paid out, and to which countries.

Source: https://docs.mangopay.com/guides/payouts
Chosen: a country has the local scheme of its own currency, and each country of the SEPA that of the euro too; every
currency of recipients can be sent to any other country by an international transfer.
"""

SEPA = frozenset(
    (
        *("AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB", "GI", "GR", "HR"),
        *("HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK", "MT", "NL", "NO", "PL", "PT", "RO"),
        *("RS", "SE", "SI", "SK", "SM", "VA"),
    )
)
LOCAL_SCHEMES = {
    "EUR": SEPA,
    "CHF": frozenset(("CH", "LI")),
    "CZK": frozenset(("CZ",)),
    "DKK": frozenset(("DK", "FO", "GL")),
    "HUF": frozenset(("HU",)),
    "NOK": frozenset(("NO",)),
    "PLN": frozenset(("PL",)),
    "RON": frozenset(("RO",)),
    "SEK": frozenset(("SE",)),
    "GBP": frozenset(("GB",)),
    "CAD": frozenset(("CA",)),
    "USD": frozenset(("US",)),
    "AUD": frozenset(("AU",)),
    "HKD": frozenset(("HK",)),
    "MXN": frozenset(("MX",)),
    "SGD": frozenset(("SG",)),
}
LOCAL, INTERNATIONAL = "LocalBankTransfer", "InternationalBankTransfer"


def payout_methods(country: str, currency: str) -> list[str]:
    """Return by which methods the currency can be sent to an account in the country."""
    return [LOCAL, INTERNATIONAL] if country in LOCAL_SCHEMES.get(currency, ()) else [INTERNATIONAL]
