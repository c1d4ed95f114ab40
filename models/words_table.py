"""What the values of fields of users, documents and checks mean: data of `models.words`.

A line at the margin opens a group: one or more fields | the kinds that it is for, when the same value means
something else elsewhere. Below it, each value and what it means, without a full stop.
Source: https://docs.mangopay.com/api-reference
"""

TABLE = """
UserCategory
    PAYER       Pays in and sends money to owners; cannot be paid out, except to give a pay-in back
    OWNER       Can receive money and be paid out, once verified as far as the platform's contract asks
    PLATFORM    The platform itself; only Mangopay can give this category
UserStatus
    ACTIVE                 Can be used
    PENDING_USER_ACTION    Waits for the user to finish strong customer authentication
    CLOSED                 Closed for good: nothing moves in or out any more
PersonType
    NATURAL    A person
    LEGAL      A company, an association or a sole trader
LegalPersonType
    BUSINESS        A company
    PARTNERSHIP     A partnership: several people who do business together
    ORGANIZATION    An association, a charity or another organisation
    SOLETRADER      One person who does business in their own name
KYCLevel
    LIGHT      Not verified: payouts are limited or not possible, depending on the platform's contract
    REGULAR    Verified
Capacity
    NORMAL         Full information was given about the user (no longer used by Mangopay)
    DECLARATIVE    Only declared information was given about the user (no longer used by Mangopay)
IncomeRange
    1    Below 18,000 EUR a year
    2    18,000 to 30,000 EUR a year
    3    30,000 to 50,000 EUR a year
    4    50,000 to 80,000 EUR a year
    5    80,000 to 120,000 EUR a year
    6    Above 120,000 EUR a year
ActionCode
    008701    Fraud is suspected; contact Mangopay's support
    008702    There is a compliance issue; contact Mangopay's support
    008703    There is a general issue; contact Mangopay's support
    008704    The user asked for their data to be deleted; contact Mangopay's data protection officer
    008705    A document is suspected to be fraudulent; the user must submit another kind of identity document
    008710    The user may be a politically exposed person; they must sign Mangopay's declaration about it
    008711    A new identity proof is needed, and for a legal user a new registration proof as well
    008712    The legal person type must be changed, and the documents that go with the new one submitted
    008714    A proof of address is needed
    008715    The user must be verified (KYC)
    008716    Additional documents or information are needed, given in a verification session
ScaContext
    USER_PRESENT        The user is there and can authenticate
    USER_NOT_PRESENT    The platform acts with the user's consent while the user is away
RefusedReasonType
    DOCUMENT_UNREADABLE                   The document cannot be read: blurred, cut or too dark
    DOCUMENT_NOT_ACCEPTED                 This kind of document is not accepted
    DOCUMENT_HAS_EXPIRED                  The document has expired, or is too old
    DOCUMENT_INCOMPLETE                   Something of the document is missing, such as its back or a page
    DOCUMENT_MISSING                      The file does not contain the document
    DOCUMENT_DO_NOT_MATCH_USER_DATA       The document does not agree with the user's details
    DOCUMENT_DO_NOT_MATCH_ACCOUNT_DATA    The document does not agree with the account's details
    DOCUMENT_FALSIFIED                    The document seems to be forged or contradicts itself
    UNDERAGE_PERSON                       The person is under 18
    SPECIFIC_CASE                         A special case: the message that came with the refusal tells more
    COUNTERFEIT_PRODUCT                   The product is said to be counterfeit
    OTHER                                 Another reason: the message that came with the refusal tells more
Flags
    009000    The document is suspected to be fraudulent
    009001    The typeface is not that of a genuine document
    009002    The picture of the person was altered
    009003    The document is partly or wholly covered
    009004    The picture is blurred
    009005    The picture cuts the document off
    009006    Light reflects on the document and hides something
    009007    The wrong side of the document was sent
    009008    Two different documents were sent at once
    009009    The document is not accepted
    009010    There is no document in the picture
    009011    The picture is too dark
    009012    The document is damaged
    009013    The document has a punched hole
    009014    A corner of the document was cut off
    009015    The colours of the document are faded
    009016    Light reflects on the chip of the document
    009017    Security features of the document cannot be seen
    009018    The back of the document is missing
    009019    This kind of document is not supported
    009020    The person is under 18
    009021    The document has expired
    009022    The first name is not the one declared
    009023    The last name is not the one declared
    009024    The picture has too few pixels to be read
    009025    The picture is in black and white rather than in colour
    009026    The document is printed on paper rather than a card or a passport
    009100    Another problem: the reason and message of the refusal tell more
Reason
    MISSING_UBO                                 At least one beneficial owner was not declared
    WRONG_UBO_INFORMATION                       The details of a beneficial owner are wrong
    UBO_IDENTITY_NEEDED                         An identity proof of a beneficial owner is needed
    SHAREHOLDERS_DECLARATION_NEEDED             A shareholder declaration is needed
    ORGANIZATION_CHART_NEEDED                   A chart of who owns the company is needed
    DOCUMENTS_NEEDED                            More documents are needed
    DECLARATION_DO_NOT_MATCH_UBO_INFORMATION    The declaration does not agree with the documents about the owners
    SPECIFIC_CASE                               A special case: the message that came with it tells more
CheckStatus
    VALIDATED    The check was passed
    REFUSED      The check was not passed
Type
    IDENTITY_PROOF               Passport, identity card or another accepted identity document
    ADDRESS_PROOF                Proof of where the person lives
    REGISTRATION_PROOF           Extract of the register that shows that the business exists
    ARTICLES_OF_ASSOCIATION      The founding document that says how the business is run
    SHAREHOLDER_DECLARATION      Mangopay's form in which the business declares its owners
    DELIVERY_PROOF               Proof that the goods or the service reached the payer
    INVOICE                      The invoice for what the payer bought
    REFUND_PROOF                 Proof that the payer already got the money back
    USER_CORRESPONDANCE          Messages exchanged with the payer
    USER_ACCEPTANCE_PROOF        Proof that the payer accepted the purchase or its terms
    PRODUCT_REPLACEMENT_PROOF    Proof that the product was replaced
Type | dispute-document
    OTHER    Another document that helps the case
Type | identity-verification
    IDENTITY_DOCUMENT_VERIFICATION    Is the identity document genuine, and does the selfie show the same person?
    IDV_NAME_MATCH_CHECK              Do name and date of birth agree with the user's details?
    IDV_AGE_CHECK                     Is the person at least 18?
    BUSINESS_VERIFICATION             Is the business found in its national register?
    BUSINESS_NAME_MATCH               Does the name agree with the one in the register?
    BUSINESS_INSIGHTS_MATCH           Do the directors and owners agree with those in the register?
    FACE_MATCH_FAIL                   The selfie and the document do not show the same person
    DOCUMENT_NOT_ACCEPTED             This kind of document is not accepted
"""
