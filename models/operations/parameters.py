"""What an operation is filled in with: Mangopay's parameters, what they mean, and which values they take.

Source: https://docs.mangopay.com/api-reference, the body of each call
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from models.objects.kinds import KINDS, kind_of_id

LONGEST = 255
LONGEST_ID = 128
CULTURES = ("CS", "DA", "DE", "EL", "EN", "ES", "FI", "FR", "HU", "IT", "NL", "NO", "PL", "PT", "SK", "SV")


class Form(StrEnum):
    """How a value is typed."""

    ID = "id"
    AMOUNT = "amount"
    # Below zero as well: fees given back.
    SIGNED_AMOUNT = "signed amount"
    TEXT = "text"
    CHOICE = "choice"
    URL = "url"
    # Not for people: the page knows it.
    HIDDEN = "hidden"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """One parameter; `name` is Mangopay's, with points for what lies within: `PaymentRef.ReasonType`."""

    name: str
    label: str
    explains: str
    form: Form = Form.TEXT
    # Names of `KINDS`: what an id may be of.
    kinds: tuple[str, ...] = ()
    options: Mapping[str, str] = field(default_factory=dict)
    is_required: bool = False
    longest: int = LONGEST
    # What it is sent as while nothing is typed, and nothing is known that it could be filled with.
    default: str = ""

    @property
    def is_amount(self) -> bool:
        return self.form in (Form.AMOUNT, Form.SIGNED_AMOUNT)

    def fault(self, value: str) -> str:
        """Return what is wrong with a value by itself, "" when nothing is. Amounts are not looked at."""
        if not value:
            return f"{self.label} is missing." if self.is_required else ""
        if self.form is Form.ID:
            return self._fault_of_id(value)
        if len(value) > self.longest:
            return f"At most {self.longest} characters; this has {len(value)}."
        if self.form is Form.CHOICE and value not in self.options:
            return f"One of {', '.join(self.options)}."
        if self.form is Form.URL and not value.startswith(("https://", "http://")):
            return "Write a whole address: https://…"
        return "" if value.isprintable() else "There are characters in it that cannot be seen."

    def _fault_of_id(self, value: str) -> str:
        if len(value) > LONGEST_ID or not value.isascii() or not all(sign.isalnum() or sign in "_-" for sign in value):
            return "This is no id."
        kind = kind_of_id(value)
        if kind is not None and self.kinds and kind.name not in self.kinds:
            wanted = " or ".join(KINDS[name].title.lower() for name in self.kinds)
            return f"This is the id of a {kind.title.lower()}; that of a {wanted} is needed."
        return ""


def id_of(name: str, label: str, explains: str, *kinds: str, is_required: bool = True) -> Parameter:
    return Parameter(name=name, label=label, explains=explains, form=Form.ID, kinds=kinds, is_required=is_required)


def amount(name: str, label: str, explains: str, *, is_required: bool = True, default: str = "") -> Parameter:
    return Parameter(
        name=name, label=label, explains=explains, form=Form.AMOUNT, is_required=is_required, default=default
    )


def choice(name: str, label: str, explains: str, options: Mapping[str, str], *, default: str = "") -> Parameter:
    return Parameter(name=name, label=label, explains=explains, form=Form.CHOICE, options=options, default=default)


TAG = Parameter(
    name="Tag",
    label="Tag",
    explains="Your own note, kept with the object. The operation's own id is put before it.",
    longest=LONGEST - 40,
)
AUTHOR = id_of("AuthorId", "Author", "The user in whose name this is done; filled in from what it is about.", "user")
DEBITED_WALLET = id_of("DebitedWalletId", "From wallet", "The user's wallet that the money leaves.", "wallet")
CREDITED_WALLET = id_of("CreditedWalletId", "To wallet", "The user's wallet that the money reaches.", "wallet")
FEES = amount("Fees", "Fees", "What the platform keeps of it.", default="0")
IP_ADDRESS = Parameter(name="IpAddress", label="IP address", explains="", form=Form.HIDDEN)
BROWSER_LANGUAGE = Parameter(name="BrowserInfo.Language", label="Language", explains="", form=Form.HIDDEN)
BROWSER_NAME = Parameter(name="BrowserInfo.UserAgent", label="Browser", explains="", form=Form.HIDDEN)
