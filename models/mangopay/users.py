"""Users and their KYC documents.

Source: https://docs.mangopay.com/api-reference/users and https://docs.mangopay.com/api-reference/kyc-documents
"""

from datetime import date, datetime

from pydantic import Field

from models.mangopay.wire import AddressOrNone, MangopayObject, PendingUserAction, Strings, WireModel, utc


class LegalRepresentative(WireModel):
    first_name: str | None = None
    last_name: str | None = None
    birthday: int | None = None
    nationality: str | None = None
    country_of_residence: str | None = None
    email: str | None = None
    phone_number: str | None = None
    phone_number_country: str | None = None
    proof_of_identity: str | None = None

    @property
    def name(self) -> str | None:
        return _joined(self.first_name, self.last_name)

    @property
    def born_on(self) -> date | None:
        return _day(self.birthday)


class User(MangopayObject):
    """A natural or legal user, whichever `person_type` says. Rows of a list have no names, only a single view does."""

    person_type: str | None = None
    email: str | None = None
    kyc_level: str | None = Field(default=None, alias="KYCLevel")
    user_category: str | None = None
    user_status: str | None = None
    terms_and_conditions_accepted: bool | None = None
    terms_and_conditions_accepted_date: int | None = None
    pending_user_action: PendingUserAction | None = None

    first_name: str | None = None
    last_name: str | None = None
    birthday: int | None = None
    nationality: str | None = None
    country_of_residence: str | None = None
    occupation: str | None = None
    income_range: int | None = None
    address: AddressOrNone = None
    phone_number: str | None = None
    phone_number_country: str | None = None
    proof_of_identity: str | None = None
    proof_of_address: str | None = None

    legal_name: str | None = Field(default=None, alias="Name")
    legal_person_type: str | None = None
    legal_representative: LegalRepresentative | None = None
    legal_representative_address: AddressOrNone = None
    headquarters_address: AddressOrNone = None
    company_number: str | None = None
    proof_of_registration: str | None = None
    shareholder_declaration: str | None = None
    statute: str | None = None

    @property
    def is_legal(self) -> bool:
        return self.person_type == "LEGAL"

    @property
    def name(self) -> str | None:
        return self.legal_name or _joined(self.first_name, self.last_name)

    @property
    def born_on(self) -> date | None:
        return _day(self.birthday)

    @property
    def terms_accepted_at(self) -> datetime | None:
        return utc(self.terms_and_conditions_accepted_date)


class KycDocument(MangopayObject):
    type: str | None = None
    user_id: str | None = None
    status: str | None = None
    flags: Strings = ()
    processed_date: int | None = None
    refused_reason_type: str | None = None
    refused_reason_message: str | None = None

    @property
    def processed_at(self) -> datetime | None:
        return utc(self.processed_date)


def _joined(first_name: str | None, last_name: str | None) -> str | None:
    return " ".join(part for part in (first_name, last_name) if part) or None


def _day(seconds: int | None) -> date | None:
    moment = utc(seconds)
    return moment.date() if moment else None
