"""Every list of Mangopay's API that people look at, and to which object it belongs.

Mangopay has no list of all transactions, wallets, cards or bank accounts: those are listed by user or by wallet.
Source: https://docs.mangopay.com/api-reference
"""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

from models.countries import countries
from models.event_types import EVENT_TYPES
from models.objects.columns import (
    CREATED,
    DEPOSIT_COLUMNS,
    DISPUTE_COLUMNS,
    DISPUTE_FILTERS,
    ID,
    KYC_COLUMNS,
    KYC_STATUS,
    KYC_TYPE,
    MANDATE_COLUMNS,
    PREAUTHORIZATION_COLUMNS,
    PREAUTHORIZATION_FILTERS,
    RESULT_CODE,
    STATUS,
    TRANSACTION_COLUMNS,
    TRANSACTION_FILTERS,
    TRANSACTION_STATUS,
    WALLET_COLUMNS,
    WALLET_TRANSACTION_COLUMNS,
    WHOSE,
    words,
)
from models.objects.fields import Content, Fact, Form
from models.objects.flows import seen_from
from models.objects.kinds import KINDS
from models.objects.listing import Column, Filter, Listing, Spot
from models.objects.sheets.accounts import NAMES


def _transactions(name: str, path: str, title: str = "Transactions", *, is_full: bool = True) -> Listing:
    return Listing(
        name=name,
        title=title,
        path=path,
        columns=TRANSACTION_COLUMNS,
        filters=TRANSACTION_FILTERS if is_full else (TRANSACTION_STATUS, RESULT_CODE),
        has_dates=True,
        empty="No transaction of the last 13 months: Mangopay shows none that is older.",
    )


def _disputes(name: str, path: str, empty: str, *, has_dates: bool = True) -> Listing:
    return Listing(
        name=name,
        title="Disputes",
        path=path,
        kind=KINDS["dispute"],
        columns=DISPUTE_COLUMNS,
        filters=DISPUTE_FILTERS,
        has_dates=has_dates,
        seen_from=_without_idle_deadline,
        empty=empty,
    )


def _without_idle_deadline(_of: str, dispute: Content) -> Content:
    """Return a dispute without the day by which to contest it, once it is closed: there is nothing to do by then."""
    return {**dispute, "ContestDeadlineDate": None} if dispute.get("Status") == "CLOSED" else dispute


def _refunds(name: str, path: str) -> Listing:
    return Listing(
        name=name,
        title="Refunds",
        path=path,
        columns=TRANSACTION_COLUMNS,
        kind=KINDS["refund"],
        filters=(TRANSACTION_STATUS, RESULT_CODE),
        empty="Nothing of it was given back.",
    )


def _preauthorizations(name: str, path: str, kind: str, title: str) -> Listing:
    return Listing(
        name=name,
        title=title,
        path=path,
        columns=PREAUTHORIZATION_COLUMNS if kind == "preauthorization" else DEPOSIT_COLUMNS,
        kind=KINDS[kind],
        filters=PREAUTHORIZATION_FILTERS,
        empty="No money is held on a card.",
    )


LISTINGS: Mapping[str, Listing] = MappingProxyType(
    {
        listing.name: listing
        for listing in (
            Listing(
                name="users",
                title="Users",
                path="/users",
                kind=KINDS["user"],
                columns=(
                    Column(Fact("Name", "Name", Form.PERSON), "minmax(0, 1.8fr)", Spot.TITLE),
                    Column(Fact("E-mail", "Email"), "minmax(0, 1.7fr)", Spot.BELOW),
                    Column(Fact("Category", "UserCategory", Form.WORD), "68px"),
                    Column(Fact("KYC", "KYCLevel", Form.STATUS), "96px", Spot.SIDE),
                    Column(Fact("Status", "UserStatus", Form.STATUS), "minmax(0, 144px)", Spot.BELOW_SIDE),
                    Column(Fact("Country", "Country", Form.COUNTRY), "minmax(0, 96px)"),
                    Column(Fact("Created", "CreationDate", Form.MOMENT), "92px"),
                    Column(Fact("Id", "Id", Form.ID), "168px"),
                    Column(Fact("Type", "PersonType", Form.WORD), "64px", is_extra=True),
                    Column(Fact("Tag", "Tag"), is_extra=True),
                ),
                # Mangopay's own list takes none of these; they are looked for in the local index.
                sorts=words("name email category kyc_level status country"),
                filters=(
                    Filter("Name", "Name, e-mail or tag", is_wide=True),
                    Filter("PersonType", "Type", ("NATURAL", "LEGAL")),
                    Filter("UserCategory", "Category", ("PAYER", "OWNER", "PLATFORM")),
                    Filter("KYCLevel", "KYC", ("LIGHT", "REGULAR")),
                    Filter("UserStatus", "Status", ("ACTIVE", "PENDING_USER_ACTION", "CLOSED")),
                    Filter("Country", "Country", tuple(countries())),
                ),
                empty="No user yet: they appear here as soon as the platform creates the first.",
            ),
            Listing(
                name="kyc-documents",
                title="KYC documents",
                path="/kyc/documents",
                kind=KINDS["kyc-document"],
                columns=(*KYC_COLUMNS, WHOSE),
                filters=(KYC_STATUS, KYC_TYPE),
                has_dates=True,
                empty="No document of this sort.",
            ),
            _disputes("disputes", "/disputes", "No dispute of this sort."),
            Listing(
                name="mandates",
                title="Mandates",
                path="/mandates",
                kind=KINDS["mandate"],
                # On a phone the id has the place of the user.
                columns=(*MANDATE_COLUMNS, Column(WHOSE.fact, WHOSE.width)),
                empty="No mandate yet.",
            ),
            Listing(
                name="platform-wallets",
                title="Platform wallets",
                path="/clients/wallets",
                kind=KINDS["client-wallet"],
                columns=(
                    Column(Fact("Wallet", "Id", Form.ID), "minmax(0, 1fr)", Spot.TITLE),
                    Column(Fact("Kind", "FundsType", Form.WORD), "minmax(0, 2fr)", Spot.BELOW),
                    Column(Fact("Balance", "Balance", Form.MONEY), "160px", Spot.SIDE),
                    Column(Fact("Created", "CreationDate", Form.MOMENT), "112px"),
                ),
                # The list has no order to ask for.
                sort="",
                empty="No wallet of the platform yet: they come with its first fees.",
            ),
            Listing(
                name="events",
                title="Events",
                path="/events",
                columns=(
                    Column(Fact("When", "Date", Form.MOMENT), "152px", Spot.BELOW_SIDE),
                    Column(Fact("Event", "EventType", Form.MONO), "minmax(0, 1.2fr)", Spot.TITLE),
                    Column(Fact("Object", "ResourceId", Form.ID), "minmax(0, 1fr)", Spot.BELOW),
                ),
                filters=(Filter("EventType", "Event type", is_wide=True, suggestions=tuple(EVENT_TYPES)),),
                has_dates=True,
                sort="Date",
                empty="No event of this sort in the last 45 days: Mangopay shows none that is older.",
            ),
            replace(
                _transactions("user-transactions", "/users/{id}/transactions"),
                note="What this user has authored. What others have sent to this user is listed with their wallets.",
            ),
            replace(
                _transactions("wallet-transactions", "/wallets/{id}/transactions"),
                columns=WALLET_TRANSACTION_COLUMNS,
                seen_from=seen_from,
            ),
            _transactions("card-transactions", "/cards/{id}/transactions"),
            _transactions("bank-account-transactions", "/bankaccounts/{id}/transactions"),
            _transactions("mandate-transactions", "/mandates/{id}/transactions"),
            _transactions("preauthorization-transactions", "/preauthorizations/{id}/transactions"),
            _transactions("deposit-transactions", "/deposit-preauthorizations/{id}/transactions", is_full=False),
            _transactions("extended-transactions", "/extended-preauthorizations/{id}/transactions", is_full=False),
            _transactions("dispute-transactions", "/disputes/{id}/transactions"),
            Listing(
                name="platform-wallet-transactions",
                title="Transactions",
                path="/clients/wallets/{funds}/{currency}/transactions",
                columns=TRANSACTION_COLUMNS,
                empty="No transaction of the last 13 months: Mangopay shows none that is older.",
            ),
            _refunds("payin-refunds", "/payins/{id}/refunds"),
            _refunds("transfer-refunds", "/transfers/{id}/refunds"),
            _refunds("payout-refunds", "/payouts/{id}/refunds"),
            _refunds("repudiation-refunds", "/repudiations/{id}/refunds"),
            Listing(
                name="user-wallets",
                title="Wallets",
                path="/users/{id}/wallets",
                kind=KINDS["wallet"],
                columns=WALLET_COLUMNS,
                empty="This user has no wallet.",
            ),
            Listing(
                name="user-cards",
                title="Cards",
                path="/users/{id}/cards",
                kind=KINDS["card"],
                columns=(
                    Column(Fact("Card", "Alias", Form.MONO), "minmax(0, 168px)", Spot.TITLE),
                    Column(Fact("Network", "CardProvider", Form.WORD), "112px", Spot.BELOW),
                    Column(Fact("Expires", "ExpirationDate", Form.EXPIRY), "80px", Spot.BELOW_SIDE),
                    Column(Fact("Validity", "Validity", Form.STATUS), "112px", Spot.SIDE),
                    Column(Fact("Active", "Active", Form.YES_NO), "72px"),
                    Column(Fact("Issued in", "Country", Form.COUNTRY), "minmax(0, 1fr)"),
                    Column(Fact("Created", "CreationDate", Form.MOMENT), "112px"),
                    Column(Fact("Id", "Id", Form.ID), "minmax(0, 1.2fr)"),
                ),
                filters=(Filter("Active", "Active", ("true", "false")),),
                empty="This user has registered no card.",
            ),
            Listing(
                name="user-bank-accounts",
                title="Bank accounts",
                path="/users/{id}/bankaccounts",
                kind=KINDS["bank-account"],
                columns=(
                    Column(Fact("Owner", "OwnerName"), "minmax(0, 1.2fr)", Spot.TITLE),
                    Column(Fact("Type", "Type", Form.WORD), "88px", Spot.SIDE),
                    Column(Fact("Account", "IBAN|AccountNumber", Form.MONO), "minmax(0, 1.4fr)", Spot.BELOW),
                    Column(Fact("Active", "Active", Form.YES_NO), "72px", Spot.BELOW_SIDE),
                    Column(Fact("Created", "CreationDate", Form.MOMENT), "112px"),
                    Column(Fact("Id", "Id", Form.ID), "minmax(0, 1.2fr)"),
                ),
                filters=(Filter("Active", "Active", ("true", "false")),),
                empty="This user has no bank account of the older kind; new ones are recipients.",
            ),
            Listing(
                name="user-recipients",
                title="Recipients",
                path="/users/{id}/recipients",
                kind=KINDS["recipient"],
                columns=(
                    Column(Fact("Name", NAMES), "minmax(0, 1.2fr)", Spot.TITLE),
                    STATUS,
                    Column(Fact("Way", "PayoutMethodType", Form.WORD), "minmax(0, 1fr)"),
                    Column(Fact("Currency", "Currency"), "80px", Spot.BELOW_SIDE),
                    Column(Fact("Bank in", "Country", Form.COUNTRY), "minmax(0, 112px)"),
                    Column(Fact("For", "RecipientScope", Form.WORD), "minmax(0, 88px)"),
                    Column(Fact("Created", "CreationDate", Form.MOMENT), "112px"),
                    Column(Fact("Id", "Id", Form.ID), "minmax(0, 1fr)", Spot.BELOW),
                ),
                # Mangopay leaves those for pay-ins out unless it is asked for them.
                fixed={"RecipientScope": "ALL"},
                empty="This user has no recipient, so there is no bank account to pay out to.",
            ),
            Listing(
                name="user-kyc-documents",
                title="KYC documents",
                path="/users/{id}/kyc/documents",
                kind=KINDS["kyc-document"],
                columns=(*KYC_COLUMNS, ID),
                filters=(KYC_STATUS, KYC_TYPE),
                has_dates=True,
                empty="This user has sent no document.",
            ),
            Listing(
                name="user-ubo-declarations",
                title="UBO declarations",
                path="/users/{id}/kyc/ubodeclarations",
                kind=KINDS["ubo-declaration"],
                columns=(
                    CREATED,
                    Column(Fact("Status", "Status", Form.STATUS), "minmax(0, 168px)", Spot.TITLE),
                    Column(Fact("Reason", "Reason", Form.WORD), "minmax(0, 1.4fr)"),
                    Column(Fact("Decided", "ProcessedDate", Form.MOMENT), "112px"),
                    ID,
                ),
                empty="No declaration of the people who own this company.",
            ),
            Listing(
                name="user-identity-verifications",
                title="Identity verifications",
                path="/users/{id}/identity-verifications",
                kind=KINDS["identity-verification"],
                columns=(
                    CREATED,
                    Column(Fact("Status", "Status", Form.STATUS), "minmax(0, 168px)", Spot.TITLE),
                    Column(Fact("Last change", "LastUpdate", Form.MOMENT), "112px"),
                    ID,
                ),
                empty="No session of Mangopay's hosted verification.",
            ),
            Listing(
                name="user-mandates",
                title="Mandates",
                path="/users/{id}/mandates",
                kind=KINDS["mandate"],
                columns=MANDATE_COLUMNS,
                empty="This user has signed no mandate.",
            ),
            _disputes("user-disputes", "/users/{id}/disputes", "None of this user's payments is disputed."),
            _disputes("wallet-disputes", "/wallets/{id}/disputes", "No payment into this wallet is disputed."),
            _disputes("payin-disputes", "/payins/{id}/disputes", "This payment is not disputed.", has_dates=False),
            Listing(
                name="dispute-documents",
                title="Documents",
                path="/disputes/{id}/documents",
                kind=KINDS["dispute-document"],
                columns=(*KYC_COLUMNS, ID),
                empty="No evidence has been added.",
            ),
            _preauthorizations(
                "user-preauthorizations", "/users/{id}/preauthorizations", "preauthorization", "Preauthorisations"
            ),
            _preauthorizations(
                "user-extended-preauthorizations",
                "/users/{id}/extended-preauthorizations",
                "extended-preauthorization",
                "Extended preauthorisations (30 days, formerly deposits)",
            ),
            _preauthorizations(
                "card-preauthorizations", "/cards/{id}/preauthorizations", "preauthorization", "Preauthorisations"
            ),
        )
    }
)

# What belongs to an object of a kind, in the order of its page.
RELATED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "payin": ("payin-refunds", "payin-disputes"),
        "transfer": ("transfer-refunds",),
        "payout": ("payout-refunds",),
        "repudiation": ("repudiation-refunds",),
        "wallet": ("wallet-transactions", "wallet-disputes"),
        "client-wallet": ("platform-wallet-transactions",),
        "card": ("card-transactions", "card-preauthorizations"),
        "bank-account": ("bank-account-transactions",),
        "recipient": ("bank-account-transactions",),
        "mandate": ("mandate-transactions",),
        "preauthorization": ("preauthorization-transactions",),
        "deposit": ("deposit-transactions",),
        "extended-preauthorization": ("extended-transactions",),
        "dispute": ("dispute-documents", "dispute-transactions"),
    }
)
# What belongs to a user, by the tab that shows it.
OF_USERS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "transactions": ("user-transactions",),
        "wallets": ("user-wallets",),
        "cards": ("user-cards",),
        "bank-accounts": ("user-recipients", "user-bank-accounts"),
        "kyc": ("user-kyc-documents", "user-ubo-declarations", "user-identity-verifications"),
        "mandates": ("user-mandates",),
        "disputes": ("user-disputes",),
        "preauthorisations": (
            "user-preauthorizations",
            "user-extended-preauthorizations",
        ),
    }
)
