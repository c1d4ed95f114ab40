"""Why a document is refused: the reasons and flags there are, and the magic tags that lead to them.

Source: https://docs.mangopay.com/api-reference/kyc-documents and https://docs.mangopay.com/guides/testing
"""

from dataclasses import dataclass

ACCEPT = "accept"
REASONS = (
    *("DOCUMENT_UNREADABLE", "DOCUMENT_NOT_ACCEPTED", "DOCUMENT_HAS_EXPIRED", "DOCUMENT_INCOMPLETE"),
    *("DOCUMENT_MISSING", "DOCUMENT_DO_NOT_MATCH_USER_DATA", "DOCUMENT_DO_NOT_MATCH_ACCOUNT_DATA"),
    *("DOCUMENT_FALSIFIED", "UNDERAGE_PERSON", "SPECIFIC_CASE", "COUNTERFEIT_PRODUCT", "OTHER"),
)


@dataclass(frozen=True, slots=True)
class Refusal:
    reason: str
    # What is wrong, where the reason alone does not say it.
    message: str | None = None
    # What was seen on an identity document.
    flags: tuple[str, ...] = ()


BY_TAG = {
    "refuse_unreadable": Refusal("DOCUMENT_UNREADABLE", flags=("009004",)),
    "refuse_not_accepted": Refusal("DOCUMENT_NOT_ACCEPTED", flags=("009019",)),
    "refuse_expired": Refusal("DOCUMENT_HAS_EXPIRED", flags=("009021",)),
    "refuse_incomplete": Refusal("DOCUMENT_INCOMPLETE", flags=("009018",)),
    "refuse_missing": Refusal("DOCUMENT_MISSING", flags=("009010",)),
    "refuse_no_user_data_match": Refusal("DOCUMENT_DO_NOT_MATCH_USER_DATA", flags=("009022", "009023")),
    "refuse_falsified": Refusal("DOCUMENT_FALSIFIED", flags=("009000",)),
    "refuse_underage": Refusal("UNDERAGE_PERSON", flags=("009020",)),
    "refuse_specific_case": Refusal("SPECIFIC_CASE", "A specific case of the sandbox", flags=("009100",)),
}
