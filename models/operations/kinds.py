"""Every kind of operation: its parameters, the one call that it makes, and what of it is money.

Source: https://docs.mangopay.com/api-reference, the page of each call
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from models.operations.parameters import (
    AUTHOR,
    BROWSER_LANGUAGE,
    BROWSER_NAME,
    CREDITED_WALLET,
    CULTURES,
    DEBITED_WALLET,
    FEES,
    IP_ADDRESS,
    TAG,
    Form,
    Parameter,
    amount,
    choice,
    id_of,
)

# The groups of the menu, in its order.
GROUPS = ("Give back", "Pay out", "Move", "Take in", "Holds", "Disputes", "Platform", "Switch off")


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationKind:
    """One kind. `paths` are by the parameter that decides which one it is, "" where there is only one."""

    name: str
    title: str
    verb: str
    group: str
    icon: str
    explains: str
    parameters: tuple[Parameter, ...]
    paths: Mapping[str, str]
    method: str = "POST"
    # Of each of these exactly one is to be filled in.
    one_of: tuple[tuple[str, ...], ...] = ()
    # What goes along whatever is filled in.
    fixed: Mapping[str, object] = field(default_factory=dict)
    # What is filled in, and goes to Mangopay some other way.
    unsent: tuple[str, ...] = ()
    # The parameter that says how much.
    amount: str = ""
    # Whether it moves money, or lets it go: asked for twice in Production, and above the limit by two people.
    moves_money: bool = True
    # What it takes from, by the first of these that is filled in: two at once would each see what the other takes.
    takes_from: tuple[str, ...] = ()
    # Whom or what it reaches: the same amount there is told of.
    reaches: tuple[str, ...] = ()
    # The kind of what it makes or changes, one of `KINDS`.
    makes: str = ""
    # The same in a file of many.
    in_batches: bool = False
    # Cannot be undone at all.
    is_final: bool = False

    @property
    def takes_once(self) -> bool:
        """Whether what it takes from is used up by it: a pay-in is refunded once, a card charged again and again."""
        return self.method == "PUT" or self.makes in ("refund", "settlement") or self.group == "Holds"

    @property
    def by_name(self) -> Mapping[str, Parameter]:
        return {parameter.name: parameter for parameter in self.parameters}

    @property
    def shown(self) -> tuple[Parameter, ...]:
        """The parameters that people fill in."""
        return tuple(parameter for parameter in self.parameters if parameter.form is not Form.HIDDEN)

    def first_given(self, names: tuple[str, ...], values: Mapping[str, str]) -> str:
        """Return the first value there is of some parameters, "" for none."""
        return next((value for name in names if (value := values.get(name, ""))), "")


_CULTURES = {name: name for name in CULTURES}
_SECURE_MODES = {
    "DEFAULT": "As the bank and the amount ask for (DEFAULT)",
    "FORCE": "Always ask the payer to authenticate (FORCE)",
    "NO_CHOICE": "Without authentication where that is allowed (NO_CHOICE)",
}
_MODES = {
    "STANDARD": "Standard, one to two working days (STANDARD)",
    "INSTANT_PAYMENT": "Instant, standard if that is not possible (INSTANT_PAYMENT)",
    "INSTANT_PAYMENT_ONLY": "Instant or not at all (INSTANT_PAYMENT_ONLY)",
    "RTGS_PAYMENT": "Same day by RTGS, euros only (RTGS_PAYMENT)",
}
HOLDS = ("PreauthorizationId", "DepositId", "ExtendedPreauthorizationId")
_HOLD_PARAMETERS = (
    id_of("PreauthorizationId", "Preauthorisation", "A hold of 7 days.", "preauthorization", is_required=False),
    id_of(
        "DepositId", "Deposit preauthorisation", "A hold of 30 days, under its old name.", "deposit", is_required=False
    ),
    id_of(
        "ExtendedPreauthorizationId",
        "Extended preauthorisation",
        "A hold of 30 days.",
        "extended-preauthorization",
        "deposit",
        is_required=False,
    ),
)
_BACK_FEES = Parameter(
    name="Fees",
    label="Fees",
    explains="Below zero gives fees of the platform back, zero keeps them, above zero charges for the refund.",
    form=Form.SIGNED_AMOUNT,
    default="0",
)


def _descriptor(longest: int) -> Parameter:
    return Parameter(
        name="StatementDescriptor",
        label="Statement descriptor",
        explains="What the payer reads on the bank statement: letters, digits and spaces.",
        longest=longest,
    )


def _back(name: str, title: str, initial: Parameter, path: str, *, wallet: str) -> OperationKind:
    return OperationKind(
        name=name,
        title=title,
        verb="Refund",
        group="Give back",
        icon="undo",
        explains=f"All of it or a part, with the fees or without. It is taken out of {wallet}.",
        parameters=(
            initial,
            AUTHOR,
            amount("DebitedFunds", "Amount", f"What is taken out of {wallet}."),
            _BACK_FEES,
            _descriptor(10),
            TAG,
        ),
        paths={"": path},
        amount="DebitedFunds",
        takes_from=(initial.name,),
        reaches=(initial.name,),
        makes="refund",
        in_batches=True,
    )


_KINDS = (
    _back(
        "refund-payin",
        "Refund a pay-in",
        id_of("PayInId", "Pay-in", "The pay-in whose payer gets the money back.", "payin"),
        "/payins/{PayInId}/refunds",
        wallet="the wallet that the pay-in credited",
    ),
    _back(
        "refund-transfer",
        "Refund a transfer",
        id_of("TransferId", "Transfer", "The transfer that is taken back.", "transfer"),
        "/transfers/{TransferId}/refunds",
        wallet="the wallet that the transfer credited",
    ),
    OperationKind(
        name="payout",
        title="Pay out",
        verb="Pay out",
        group="Pay out",
        icon="north_east",
        explains="From a user's wallet to the user's own bank account.",
        parameters=(
            DEBITED_WALLET,
            AUTHOR,
            id_of("RecipientId", "Recipient", "The bank account, as a recipient.", "recipient", is_required=False),
            id_of(
                "BankAccountId",
                "Bank account",
                "The bank account, where it is no recipient yet.",
                "bank-account",
                "recipient",
                is_required=False,
            ),
            amount("DebitedFunds", "Amount", "What leaves the wallet, the fees included."),
            FEES,
            choice("PayoutModeRequested", "Mode", "How fast the bank is asked to be.", _MODES, default="STANDARD"),
            Parameter(
                name="BankWireRef",
                label="Bank wire reference",
                explains="What the account's owner reads on the statement; many banks cut it after 12 characters.",
            ),
            choice(
                "PaymentRef.ReasonType",
                "Gives back",
                "Only where this payout gives a pay-in back that cannot be refunded.",
                {"PAYIN_REFUND": "A pay-in (PAYIN_REFUND)"},
            ),
            id_of("PaymentRef.ReferenceId", "Pay-in given back", "Which pay-in that is.", "payin", is_required=False),
            TAG,
        ),
        paths={"": "/payouts/bankwire"},
        one_of=(("RecipientId", "BankAccountId"),),
        amount="DebitedFunds",
        takes_from=("DebitedWalletId",),
        reaches=("RecipientId", "BankAccountId"),
        makes="payout",
        in_batches=True,
    ),
    OperationKind(
        name="transfer",
        title="Transfer",
        verb="Transfer",
        group="Move",
        icon="swap_horiz",
        explains="From one wallet to another of the same currency.",
        parameters=(
            DEBITED_WALLET,
            AUTHOR,
            CREDITED_WALLET,
            amount("DebitedFunds", "Amount", "What leaves the wallet, the fees included."),
            FEES,
            choice(
                "ScaContext",
                "Whether the user is there",
                "An owner who pays another may have to confirm it. Without the user it takes their consent.",
                {
                    "USER_PRESENT": "The user is there, and confirms if need be (USER_PRESENT)",
                    "USER_NOT_PRESENT": "The user is not there (USER_NOT_PRESENT)",
                },
            ),
            TAG,
        ),
        paths={"": "/transfers"},
        amount="DebitedFunds",
        takes_from=("DebitedWalletId",),
        reaches=("CreditedWalletId",),
        makes="transfer",
        in_batches=True,
    ),
    OperationKind(
        name="convert",
        title="Convert",
        verb="Convert",
        group="Move",
        icon="currency_exchange",
        explains="From a wallet into another of the same user in another currency, at a rate that is quoted first.",
        parameters=(
            DEBITED_WALLET,
            AUTHOR,
            CREDITED_WALLET,
            amount("DebitedFunds", "Amount", "What leaves the wallet, the fees included."),
            FEES,
            TAG,
            Parameter(name="QuoteId", label="Quote", explains="", form=Form.HIDDEN, is_required=True),
        ),
        paths={"": "/conversions/quoted-conversion"},
        # They are in the quote.
        unsent=("DebitedFunds", "Fees"),
        amount="DebitedFunds",
        takes_from=("DebitedWalletId",),
        reaches=("CreditedWalletId",),
        makes="conversion",
        is_final=True,
    ),
    OperationKind(
        name="payin-bankwire",
        title="Bank wire pay-in",
        verb="Expect",
        group="Take in",
        icon="account_balance",
        explains="Makes a reference and an account number to pass on to the payer.",
        parameters=(
            CREDITED_WALLET,
            AUTHOR,
            amount("DeclaredDebitedFunds", "Amount", "What the payer is going to wire."),
            amount("DeclaredFees", "Fees", "What the platform will keep of it.", default="0"),
            TAG,
        ),
        paths={"": "/payins/bankwire/direct"},
        amount="DeclaredDebitedFunds",
        moves_money=False,
        reaches=("CreditedWalletId",),
        makes="payin",
    ),
    OperationKind(
        name="payin-card",
        title="Card pay-in",
        verb="Charge",
        group="Take in",
        icon="credit_card",
        explains="With a card that the user has registered. The payer may have to authenticate.",
        parameters=(
            id_of("CardId", "Card", "The card that is charged.", "card"),
            AUTHOR,
            CREDITED_WALLET,
            amount("DebitedFunds", "Amount", "What the card is charged, the fees included."),
            FEES,
            choice("SecureMode", "3-D Secure", "Whether the payer authenticates.", _SECURE_MODES, default="DEFAULT"),
            Parameter(
                name="SecureModeReturnURL",
                label="Return URL",
                explains="Where the payer is led after authenticating.",
                form=Form.URL,
                is_required=True,
            ),
            choice(
                "PaymentCategory",
                "Category",
                "Whether the payer is at the shop or on the phone.",
                {"ECommerce": "Online (ECommerce)", "TelephoneOrder": "By telephone or mail (TelephoneOrder)"},
            ),
            _descriptor(22),
            TAG,
            IP_ADDRESS,
            BROWSER_LANGUAGE,
            BROWSER_NAME,
        ),
        paths={"": "/payins/card/direct"},
        amount="DebitedFunds",
        takes_from=("CardId",),
        reaches=("CardId",),
        makes="payin",
    ),
    OperationKind(
        name="payin-web",
        title="Card payment link",
        verb="Make a link for",
        group="Take in",
        icon="link",
        explains="Makes a page on which the payer types a card; it is good for 15 minutes.",
        parameters=(
            CREDITED_WALLET,
            id_of("AuthorId", "Payer", "The user who pays.", "user"),
            amount("DebitedFunds", "Amount", "What the card is charged, the fees included."),
            FEES,
            choice(
                "CardType",
                "Card type",
                "Which cards the page takes.",
                {
                    "CB_VISA_MASTERCARD": "CB, Visa, Mastercard",
                    "AMEX": "American Express",
                    "MAESTRO": "Maestro",
                    "BCMC": "Bancontact",
                },
                default="CB_VISA_MASTERCARD",
            ),
            choice("Culture", "Language", "The language of the page.", _CULTURES, default="EN"),
            Parameter(
                name="ReturnURL",
                label="Return URL",
                explains="Where the payer is led afterwards.",
                form=Form.URL,
                is_required=True,
                longest=220,
            ),
            choice("SecureMode", "3-D Secure", "Whether the payer authenticates.", _SECURE_MODES),
            _descriptor(22),
            TAG,
        ),
        paths={"": "/payins/card/web"},
        amount="DebitedFunds",
        moves_money=False,
        reaches=("CreditedWalletId",),
        makes="payin",
    ),
    OperationKind(
        name="payin-directdebit",
        title="Direct debit",
        verb="Debit",
        group="Take in",
        icon="draw",
        explains="By a mandate that the user has signed. It takes some working days.",
        parameters=(
            id_of("MandateId", "Mandate", "The mandate, which is submitted or active.", "mandate"),
            AUTHOR,
            CREDITED_WALLET,
            amount("DebitedFunds", "Amount", "What the account is debited, the fees included."),
            FEES,
            _descriptor(100),
            TAG,
        ),
        paths={"": "/payins/directdebit/direct"},
        amount="DebitedFunds",
        takes_from=("MandateId",),
        reaches=("MandateId",),
        makes="payin",
    ),
    OperationKind(
        name="capture",
        title="Capture a hold",
        verb="Capture",
        group="Holds",
        icon="lock_open",
        explains="Takes money that is held on a card into a wallet, all of it or a part.",
        parameters=(
            *_HOLD_PARAMETERS,
            AUTHOR,
            CREDITED_WALLET,
            amount("DebitedFunds", "Amount", "What is taken of what is held."),
            FEES,
            TAG,
        ),
        paths={
            "PreauthorizationId": "/payins/preauthorized/direct",
            "DepositId": "/payins/deposit-preauthorized/direct/full-capture",
            "ExtendedPreauthorizationId": "/payins/extended-preauthorized/direct/full-capture",
        },
        one_of=(HOLDS,),
        amount="DebitedFunds",
        takes_from=HOLDS,
        reaches=HOLDS,
        makes="payin",
    ),
    OperationKind(
        name="cancel-preauthorization",
        title="Cancel a hold",
        verb="Cancel",
        group="Holds",
        icon="lock_reset",
        explains="Lets go of all that is held on a card. It cannot be held again.",
        parameters=_HOLD_PARAMETERS,
        method="PUT",
        paths={
            "PreauthorizationId": "/preauthorizations/{PreauthorizationId}",
            "DepositId": "/deposit-preauthorizations/{DepositId}",
            "ExtendedPreauthorizationId": "/extended-preauthorizations/{ExtendedPreauthorizationId}",
        },
        one_of=(HOLDS,),
        fixed={"PaymentStatus": "CANCELED"},
        takes_from=HOLDS,
        is_final=True,
    ),
    OperationKind(
        name="release-preauthorization",
        title="Release what is left of a hold",
        verb="Release",
        group="Holds",
        icon="lock_open_right",
        explains="After a part was captured: lets go of the rest.",
        parameters=(
            id_of("PreauthorizationId", "Preauthorisation", "A hold of which a part was captured.", "preauthorization"),
        ),
        method="PUT",
        paths={"": "/preauthorizations/{PreauthorizationId}"},
        fixed={"PaymentStatus": "VALIDATED"},
        takes_from=("PreauthorizationId",),
        makes="preauthorization",
        is_final=True,
    ),
    OperationKind(
        name="contest-dispute",
        title="Contest a dispute",
        verb="Contest",
        group="Disputes",
        icon="gavel",
        explains="Asks the bank for all or a part of a disputed payment; documents are added first.",
        parameters=(
            id_of("DisputeId", "Dispute", "A dispute that waits for the platform.", "dispute"),
            amount(
                "ContestedFunds",
                "Contested amount",
                "What is asked for; nothing where it is submitted again.",
                is_required=False,
            ),
        ),
        method="PUT",
        paths={"": "/disputes/{DisputeId}/submit"},
        amount="ContestedFunds",
        moves_money=False,
        takes_from=("DisputeId",),
        makes="dispute",
    ),
    OperationKind(
        name="close-dispute",
        title="Give up a dispute",
        verb="Give up",
        group="Disputes",
        icon="flag",
        explains="Takes the dispute as lost. It cannot be contested any more.",
        parameters=(id_of("DisputeId", "Dispute", "A dispute that waits for the platform.", "dispute"),),
        method="PUT",
        paths={"": "/disputes/{DisputeId}/close"},
        takes_from=("DisputeId",),
        makes="dispute",
        is_final=True,
    ),
    OperationKind(
        name="settle",
        title="Settle a lost dispute",
        verb="Settle",
        group="Disputes",
        icon="handshake",
        explains="Takes a lost dispute out of the wallet of the user who was paid, into the platform's CREDIT wallet.",
        parameters=(
            id_of("RepudiationId", "Repudiation", "What the bank has taken back.", "repudiation"),
            AUTHOR,
            amount("DebitedFunds", "Amount", "What is taken out of the user's wallet, the fees included."),
            Parameter(
                name="Fees",
                label="Fees",
                explains="Below zero gives fees of the disputed payment back.",
                form=Form.SIGNED_AMOUNT,
                default="0",
            ),
            TAG,
        ),
        paths={"": "/repudiations/{RepudiationId}/settlementtransfer"},
        amount="DebitedFunds",
        takes_from=("RepudiationId",),
        reaches=("RepudiationId",),
        makes="settlement",
    ),
    OperationKind(
        name="payout-platform",
        title="Pay out the platform's own funds",
        verb="Pay out",
        group="Platform",
        icon="account_balance",
        explains="From the platform's FEES or CREDIT wallet. Mangopay pays fees out by itself, and may refuse this.",
        parameters=(
            id_of("DebitedWalletId", "From wallet", "FEES_EUR, CREDIT_EUR or the like.", "client-wallet"),
            id_of("BankAccountId", "Bank account", "The platform's own bank account.", "bank-account", "recipient"),
            amount("DebitedFunds", "Amount", "What leaves the wallet."),
            Parameter(name="BankWireRef", label="Bank wire reference", explains="What is read on the statement."),
            TAG,
        ),
        paths={"": "/clients/payouts"},
        amount="DebitedFunds",
        takes_from=("DebitedWalletId",),
        reaches=("BankAccountId",),
        makes="payout",
    ),
    OperationKind(
        name="payin-platform",
        title="Bank wire to the platform",
        verb="Expect",
        group="Platform",
        icon="account_balance",
        explains="Makes a reference with which the platform fills its CREDIT wallet up, after lost disputes.",
        parameters=(
            id_of("CreditedWalletId", "To wallet", "CREDIT_EUR or the like.", "client-wallet"),
            amount("DeclaredDebitedFunds", "Amount", "What the platform is going to wire."),
            TAG,
        ),
        paths={"": "/clients/payins/bankwire/direct"},
        amount="DeclaredDebitedFunds",
        moves_money=False,
        reaches=("CreditedWalletId",),
        makes="payin",
    ),
    OperationKind(
        name="deactivate-card",
        title="Deactivate a card",
        verb="Deactivate",
        group="Switch off",
        icon="credit_card_off",
        explains="The card cannot be charged any more, nor be switched on again.",
        parameters=(id_of("CardId", "Card", "An active card.", "card"),),
        method="PUT",
        paths={"": "/cards/{CardId}"},
        fixed={"Active": False},
        moves_money=False,
        takes_from=("CardId",),
        makes="card",
        is_final=True,
    ),
    OperationKind(
        name="deactivate-recipient",
        title="Deactivate a recipient",
        verb="Deactivate",
        group="Switch off",
        icon="block",
        explains="Nothing can be paid out there any more.",
        parameters=(id_of("RecipientId", "Recipient", "An active recipient.", "recipient"),),
        method="PUT",
        paths={"": "/recipients/{RecipientId}"},
        fixed={"Status": "DEACTIVATED"},
        moves_money=False,
        takes_from=("RecipientId",),
        makes="recipient",
        is_final=True,
    ),
    OperationKind(
        name="deactivate-bank-account",
        title="Deactivate a bank account",
        verb="Deactivate",
        group="Switch off",
        icon="block",
        explains="Nothing can be paid out there any more.",
        parameters=(
            id_of("UserId", "User", "The user whose account it is.", "user"),
            id_of("BankAccountId", "Bank account", "An active bank account.", "bank-account", "recipient"),
        ),
        method="PUT",
        paths={"": "/users/{UserId}/bankaccounts/{BankAccountId}"},
        fixed={"Active": False},
        moves_money=False,
        takes_from=("BankAccountId",),
        makes="bank-account",
        is_final=True,
    ),
    OperationKind(
        name="cancel-mandate",
        title="Cancel a mandate",
        verb="Cancel",
        group="Switch off",
        icon="block",
        explains="Nothing can be debited by it any more.",
        parameters=(id_of("MandateId", "Mandate", "A mandate that is submitted or active.", "mandate"),),
        method="PUT",
        paths={"": "/mandates/{MandateId}/cancel"},
        moves_money=False,
        takes_from=("MandateId",),
        makes="mandate",
        is_final=True,
    ),
)

OPERATIONS: Mapping[str, OperationKind] = MappingProxyType({kind.name: kind for kind in _KINDS})
BATCHED = tuple(kind for kind in _KINDS if kind.in_batches)
