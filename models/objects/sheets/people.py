"""A user's profile: natural and legal users have other facts.

Source: https://docs.mangopay.com/api-reference/users
"""

from models.objects.fields import Fact, Form, Sheet
from models.objects.sheets.parts import CREATED, TAG, address, country, group, link, moment, mono, text, word, yes_no

NATURAL = ("PersonType", "NATURAL")
LEGAL = ("PersonType", "LEGAL")

USER = Sheet(
    (
        group(
            "Person",
            text("First name", "FirstName"),
            text("Last name", "LastName"),
            Fact("Born", "Birthday", Form.DAY),
            country("Nationality", "Nationality"),
            country("Lives in", "CountryOfResidence"),
            text("Occupation", "Occupation"),
            word("Income range", "IncomeRange"),
            when=NATURAL,
        ),
        group(
            "Company",
            text("Name", "Name"),
            word("Legal form", "LegalPersonType"),
            mono("Company number", "CompanyNumber"),
            address("Headquarters", "HeadquartersAddress"),
            when=LEGAL,
        ),
        group(
            "Contact",
            text("E-mail", "Email"),
            mono("Phone", "PhoneNumber"),
            country("Phone number of", "PhoneNumberCountry"),
            address("Address", "Address"),
        ),
        group(
            "Legal representative",
            text("First name", "LegalRepresentative.FirstName|LegalRepresentativeFirstName"),
            text("Last name", "LegalRepresentative.LastName|LegalRepresentativeLastName"),
            Fact("Born", "LegalRepresentative.Birthday|LegalRepresentativeBirthday", Form.DAY),
            country("Nationality", "LegalRepresentative.Nationality|LegalRepresentativeNationality"),
            country("Lives in", "LegalRepresentative.CountryOfResidence|LegalRepresentativeCountryOfResidence"),
            text("E-mail", "LegalRepresentative.Email|LegalRepresentativeEmail"),
            mono("Phone", "LegalRepresentative.PhoneNumber"),
            country("Phone number of", "LegalRepresentative.PhoneNumberCountry"),
            address("Address", "LegalRepresentativeAddress"),
            link(
                "Proof of identity",
                "LegalRepresentative.ProofOfIdentity|LegalRepresentativeProofOfIdentity",
                "kyc-document",
            ),
            when=LEGAL,
        ),
        group(
            "At Mangopay",
            word("Person type", "PersonType"),
            word("Category", "UserCategory"),
            word("KYC level", "KYCLevel"),
            word("Status", "UserStatus"),
            yes_no("Terms accepted", "TermsAndConditionsAccepted"),
            moment("Terms accepted on", "TermsAndConditionsAcceptedDate"),
            word("Capacity", "Capacity"),
            CREATED,
            TAG,
        ),
        group(
            "Validated documents",
            link("Proof of identity", "ProofOfIdentity", "kyc-document"),
            link("Proof of address", "ProofOfAddress", "kyc-document"),
            link("Proof of registration", "ProofOfRegistration", "kyc-document"),
            link("Articles of association", "Statute", "kyc-document"),
            link("Shareholder declaration", "ShareholderDeclaration", "kyc-document"),
        ),
    ),
    figure=Fact("Name", "Name"),
    status=Fact("Status", "UserStatus", Form.STATUS),
    besides=frozenset({"Id", "PendingUserAction"}),
)
