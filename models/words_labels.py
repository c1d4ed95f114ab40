"""Names that simple casing gets wrong: data of `models.words`.

LABELS are whole values and how they are called; SPELLINGS are words inside of values and how they are spelled.
"""

LABELS = """
    PAYPAL                                      PayPal
    APPLEPAY                                    Apple Pay
    GOOGLE_PAY                                  Google Pay
    GOOGLEPAY                                   Google Pay
    MBWAY                                       MB WAY
    BLIK                                        BLIK
    TWINT                                       TWINT
    IDEAL                                       iDEAL
    BCMC                                        Bancontact
    PAY_BY_BANK                                 Pay by Bank
    P24                                         Przelewy24
    CB_VISA_MASTERCARD                          CB, Visa or Mastercard
    AMEX                                        American Express
    DINERS                                      Diners Club
    CHARGE CARD                                 Charge card
    ECommerce                                   E-commerce
    V1                                          3-D Secure 1
    V2_1                                        3-D Secure 2.1
    WON                                         Won
    SOLETRADER                                  Sole trader
    DIRECT_DEBIT_DIRECT                         Direct debit
    PREAUTHORIZED                               Preauthorisation
    DOCUMENT_DO_NOT_MATCH_USER_DATA             Document does not match user data
    DOCUMENT_DO_NOT_MATCH_ACCOUNT_DATA          Document does not match account data
    DECLARATION_DO_NOT_MATCH_UBO_INFORMATION    Declaration does not match UBO information
    OWNER_DO_NOT_MATCH_BANKACCOUNT              Owner does not match bank account
    OWNER_DOT_NOT_MATCH_BANKACCOUNT             Owner does not match bank account
    CANCELED_REOCCURING_TRANSACTION             Cancelled recurring transaction
    USER_CORRESPONDANCE                         User correspondence
    RC01_INVALIDE_BIC                           RC01 invalid BIC
    WEB                                         Web
    ALL                                         All
    LATE_FAILURE_INSUFFICIENT_FUNDS             Late failure: insufficient funds
    LATE_FAILURE_CONTACT_USER                   Late failure: contact the user
    LATE_FAILURE_BANKACCOUNT_CLOSED             Late failure: bank account closed
    LATE_FAILURE_BANKACCOUNT_INCOMPATIBLE       Late failure: bank account incompatible
    LATE_FAILURE_BANKACCOUNT_INCORRECT          Late failure: bank account incorrect
"""

SPELLINGS = """
    KYC                 KYC
    UBO                 UBO
    SCA                 SCA
    PSC                 PSC
    IDV                 IDV
    SEPA                SEPA
    BACS                BACS
    IBAN                IBAN
    BIC                 BIC
    RTGS                RTGS
    FOCR                FOCR
    CNOR                CNOR
    MIT                 MIT
    CIT                 CIT
    PAYIN               pay-in
    BANKACCOUNT         bank account
    PREAUTHORIZATION    preauthorisation
    AUTHORIZED          authorised
    UNAUTHORIZED        unauthorised
    ORGANIZATION        organisation
    RECOGNIZED          recognised
    INITIALIZED         initialised
    CANCELED            cancelled
    MANGOPAY            Mangopay
    ECHO                Echo
    DNOR                DNOR
    ERIN                ERIN
"""
