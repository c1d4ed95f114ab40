"""What some kinds hold besides facts: lists of persons, checks, things bought, parcels. Small tables of their own."""

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

import htpy as h

from models.objects.fields import Content, Fact, Form, text_at, value_at
from models.objects.kinds import Kind
from ui.components.values import value_view

UBO = (
    Fact("First name", "FirstName"),
    Fact("Last name", "LastName"),
    Fact("Born", "Birthday", Form.DAY),
    Fact("Nationality", "Nationality", Form.COUNTRY),
    Fact("Born in", "Birthplace.City"),
    Fact("Address", "Address", Form.ADDRESS),
    Fact("Active", "IsActive", Form.YES_NO),
)
CHECK = (
    Fact("Check", "Type", Form.WORD),
    Fact("Outcome", "CheckStatus", Form.STATUS),
    Fact("When", "LastUpdate|CreationDate", Form.MOMENT),
)
PSC = (
    Fact("First name", "FirstName"),
    Fact("Last name", "LastName"),
    Fact("E-mail", "Email"),
    Fact("Country", "Country", Form.COUNTRY),
    Fact("Kind", "PscType", Form.WORD),
    Fact("Status", "Status", Form.STATUS),
)
LINE_ITEM = (
    Fact("Item", "Name"),
    Fact("Quantity", "Quantity"),
    Fact("Price of one", "UnitAmount", Form.MONEY),
    Fact("Tax", "TaxAmount", Form.MONEY),
    Fact("Description", "Description"),
)
TRACKING = (
    Fact("Carrier", "Carrier", Form.WORD),
    Fact("Parcel", "TrackingNumber", Form.MONO),
    Fact("Buyer told", "NotifyBuyer", Form.YES_NO),
)
ECHO_ITEM = (
    Fact("Item", "Name|Sku"),
    Fact("Seller", "Seller.AuthorId", Form.LINK, "user"),
    Fact("Wallet", "Seller.WalletId", Form.LINK, "wallet"),
    Fact("Quantity", "Quantity"),
    Fact("In all", "TotalLineItemAmount", Form.MONEY),
    Fact("Captured", "CapturedAmount", Form.MONEY),
    Fact("Refunded", "RefundedAmount", Form.MONEY),
    Fact("Split", "SplitAmount", Form.MONEY),
)
ECHO_ACTION = (
    Fact("Id", "Id", Form.ID),
    Fact("Status", "Status", Form.STATUS),
    Fact("Amount", "Amount", Form.MONEY),
    Fact("Created", "CreationDate", Form.MOMENT),
)
ACCOUNT_FROM_ABROAD = (
    Fact("IBAN", "Account.IBAN|Account.Iban", Form.MONO),
    Fact("BIC", "Account.BIC|Account.Bic", Form.MONO),
    Fact("Bank", "BankName"),
)
# By kind: the place of a list, its title, and what is told of each entry.
LISTS: Mapping[str, Sequence[tuple[str, str, Sequence[Fact]]]] = MappingProxyType(
    {
        "ubo-declaration": (("Ubos", "Persons who own the company", UBO),),
        "identity-verification": (
            ("Checks", "Checks", CHECK),
            ("PSCs", "Persons with significant control", PSC),
        ),
        "payin": (("LineItems", "Items", LINE_ITEM), ("Trackings", "Parcels", TRACKING)),
        "banking-alias": (("InternationalAccountDetails", "For wires from abroad", ACCOUNT_FROM_ABROAD),),
        "intent": (
            ("LineItems", "Items", ECHO_ITEM),
            *((name, name, ECHO_ACTION) for name in ("Captures", "Splits", "Refunds", "Disputes")),
        ),
    }
)


def extras(kind: Kind, content: Content) -> h.Node:
    tables: list[h.Node] = []
    for path, title, facts in LISTS.get(kind.name, ()):
        entries = value_at(content, path)
        if isinstance(entries, list):
            currency = text_at(content, "DebitedFunds.Currency") or text_at(content, "Currency")
            known = [{"Currency": currency, **entry} for entry in entries if isinstance(entry, dict)]
            tables.append(_table(title, facts, known))
    return tables


def _table(title: str, facts: Sequence[Fact], entries: Sequence[Content]) -> h.Element:
    cell: Callable[[Fact, Content], h.Node] = value_view
    return h.section(".panel.fact-group", aria_label=title)[
        h.h2(".section")[title],
        h.div(".table-frame", tabindex="0", role="group", aria_label=title)[
            h.table(".small-table")[
                h.thead[h.tr[[h.th[fact.label] for fact in facts]]],
                h.tbody[[h.tr[[h.td[cell(fact, entry)] for fact in facts]] for entry in entries]],
            ]
        ],
    ]
