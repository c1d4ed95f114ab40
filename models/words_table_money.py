"""What the values of fields of money, cards, accounts and disputes mean: data of `models.words`.

The table is written as in `models.words_table`.
Source: https://docs.mangopay.com/api-reference
"""

TABLE = """
Type
    PAYIN              Money came in from outside
    TRANSFER           Money moved from one wallet to another
    PAYOUT             Money left to the outside
    CONVERSION         Money was exchanged for another currency
    CARD_VALIDATION    A card was checked without a payment
Type | bank-account
    IBAN     An account with an IBAN
    GB       A British account: account number and sort code
    US       An account in the United States: account number and ABA number
    CA       A Canadian account: account, institution and branch numbers
    OTHER    An account elsewhere: account number and BIC
Nature InitialTransactionNature
    REGULAR        An ordinary transaction
    REFUND         Money given back
    REPUDIATION    A payment that the payer's bank took back (chargeback)
    SETTLEMENT     A user repays the platform for a lost dispute
InitialTransactionType
    PAYIN       The original transaction is a pay-in
    TRANSFER    The original transaction is a transfer between wallets
    PAYOUT      The original transaction is a payout
FundsType
    DEFAULT    A user's wallet
    FEES       The platform's wallet for the fees it earns
    CREDIT     The platform's repudiation wallet, which pays for disputes and may be negative
PaymentType
    CARD                   A bank card
    BANK_WIRE              A bank transfer
    DIRECT_DEBIT           A direct debit under a mandate of the user
    DIRECT_DEBIT_DIRECT    A direct debit under a mandate of the user
    PREAUTHORIZED          Taken from an amount that was reserved before
    CARD_DIRECT            A saved card
    PAYPAL                 A PayPal account
    APPLEPAY               A card in Apple Pay
    GOOGLE_PAY             A card in Google Pay
    GOOGLEPAY              A card in Google Pay
    MBWAY                  MB WAY, by phone number (Portugal)
    MULTIBANCO             Multibanco, by reference at a cash machine or in online banking (Portugal)
    SATISPAY               The Satispay app (mostly Italy)
    BLIK                   A BLIK code from the banking app (Poland)
    KLARNA                 Klarna: pay now, later or in parts
    IDEAL                  iDEAL, in online banking (Netherlands)
    BCMC                   Bancontact (Belgium)
    BIZUM                  Bizum, by phone number (Spain)
    SWISH                  The Swish app (Sweden)
    TWINT                  The TWINT app (Switzerland)
    PAY_BY_BANK            A transfer that the payer starts in their online banking
    GIROPAY                giropay (Germany, no longer offered)
    PAYCONIQ               Payconiq (Belgium and Luxembourg, no longer offered)
ExecutionType
    WEB                     The user completes it on a page that is shown to them
    DIRECT                  Carried out directly, from details already known
    EXTERNAL_INSTRUCTION    Started outside Mangopay, by a transfer to a virtual account
ProcessingStatus
    PENDING_SUCCEEDED    The payer has authorised the payment; the money is on its way
CardType
    CB_VISA_MASTERCARD    A CB, Visa or Mastercard card
    AMEX                  An American Express card
    MAESTRO               A Maestro card
    BCMC                  A Bancontact card
    DINERS                A Diners Club card
SecureMode
    DEFAULT      The cardholder is authenticated when the rules or the bank ask for it
    FORCE        The cardholder is always authenticated
    NO_CHOICE    The bank decides whether the cardholder is authenticated
PaymentCategory
    ECommerce         The payer paid online
    TelephoneOrder    The payer gave the card's details by telephone
ValidationUsage
    CIT    The card is checked for payments with the cardholder present
    MIT    The card is checked for payments without the cardholder present
Validity
    VALID      In order
    INVALID    No longer usable as it is
    UNKNOWN    Not known yet
Validity | card card-validation
    VALID      A payment or a check with the card has succeeded
    INVALID    The first payment failed or none succeeded within 24 hours; the card must be registered again
    UNKNOWN    The card has not been used yet; without a success within 24 hours it becomes invalid
Validity | hook
    VALID      Notifications are sent
    INVALID    Mangopay stopped sending after 100 failures in a row; the hook must be made valid again
    UNKNOWN    Mangopay does not say whether notifications are sent
AVSResult
    FULL_MATCH                Address and postcode are those known to the bank
    ADDRESS_MATCH_ONLY        Only the address is the one known to the bank, not the postcode
    POSTAL_CODE_MATCH_ONLY    Only the postcode is the one known to the bank, not the address
    NO_MATCH                  Neither address nor postcode are those known to the bank
    NO_CHECK                  The address was not checked
PaymentStatus
    WAITING              The amount is reserved and can be captured
    CANCEL_REQUESTED     The release of the reserved amount was asked for
    CANCELED             The reserved amount was released
    EXPIRED              The time to capture is over; what was not captured was released
    VALIDATED            Captured; whatever was left was released
    FAILED               The capture failed
    TO_BE_COMPLETED      Captured, and a complement is to come
    NO_SHOW_REQUESTED    The payer was reported not to have shown up
    NO_SHOW              The payer did not show up, and the amount was captured
ModeRequested PayoutModeRequested
    STANDARD                An ordinary transfer, which takes a day or more
    INSTANT_PAYMENT         Within seconds; if that is not possible, an ordinary transfer
    INSTANT_PAYMENT_ONLY    Within seconds or not at all
    RTGS_PAYMENT            An urgent transfer on the same day (EUR only)
ModeApplied
    STANDARD            An ordinary transfer, which takes a day or more
    INSTANT_PAYMENT     A transfer within seconds
    RTGS_PAYMENT        An urgent transfer on the same day
    PENDING_RESPONSE    Not known yet whether it goes out instantly
    NONE                None: the payout did not go out
ReasonType
    PAYIN_REFUND    The payout gives a pay-in back to the payer
ChargeBearer
    OUR    The sender bears the fees of all banks
    SHA    The sender and the receiver each bear the fees of their own bank
RecipientVerificationCheck
    MATCH                 The name is the one that the bank knows for this account
    CLOSE_MATCH           The name is almost the one that the bank knows for this account
    NO_MATCH              The name is not the one that the bank knows for this account
    MATCH_NOT_POSSIBLE    The bank could not be asked, or has not answered yet
PayoutMethodType
    LocalBankTransfer            In the currency and by the banks of the account's own country
    InternationalBankTransfer    Across borders or into another currency, which takes longer
RecipientType
    Individual    The account belongs to a person
    Business      The account belongs to a company
RecipientScope
    PAYOUT    The account can be paid out to
    PAYIN     The account is for direct debits, and for giving pay-ins back
    ALL       Both kinds
Scheme
    SEPA    Direct debit in euros
    BACS    Direct debit in pounds, in the United Kingdom
VirtualAccountPurpose VirtualAccountPurposeResponse
    COLLECTION    An account that collects payments into the wallet
    USER_OWNED    An account in the user's own name
RefundReasonType
    INITIALIZED_BY_CLIENT                        The platform asked for it
    INITIALIZED_BY_MANGOPAY                      Mangopay asked for it
    OTHER                                        Another reason: the message that came with it tells more
    BANKACCOUNT_INCORRECT                        The details of the bank account are wrong
    OWNER_DO_NOT_MATCH_BANKACCOUNT               The bank account belongs to somebody else
    OWNER_DOT_NOT_MATCH_BANKACCOUNT              The bank account belongs to somebody else
    BANKACCOUNT_HAS_BEEN_CLOSED                  The bank account has been closed
    WITHDRAWAL_IMPOSSIBLE_ON_SAVINGS_ACCOUNTS    The account is a savings account, which cannot be paid
    AC06_BLOCKED_BANKACCOUNT                     The bank account is blocked
    AG01_FORBIDDEN_TRANSACTION                   The account does not take this kind of payment
    AG02_INVALID_BANK_OPERATION                  The bank does not take this kind of payment
    AM05_DUPLICATE_PAYMENT                       The bank held the payment to be a duplicate
    BE04_BENEFICIARY_ADDRESS_MISSING             The receiver's address is missing or wrong
    CNOR_INVALID_BIC                             The receiving bank cannot be reached under this BIC
    DNOR_DEBTOR_BANK_NOT_REGISTERED              The receiving bank does not know the sending bank
    ED05_SETTLEMENT_FAILED                       The banks could not settle the payment between them
    ERIN_REMITTANCE_INFO_NOT_SUPPORTED           The bank does not support the reference that came with the payment
    FF01_INVALID_FILE_FORMAT                     The bank could not read the payment order
    FOCR_RECALLED                                The payment was recalled
    MD07_BENEFICIARY_IS_DECEASED                 The receiver has died
    MS02_BENEFICIARY_ORDER                       The receiver refused the money
    MS03_NOT_SPECIFIED                           The bank gave no reason
    RC01_INVALIDE_BIC                            The BIC of the receiving bank is wrong
    RR01_REGULATORY_REASON                       Regulation asks for the sender's account or identification
    RR02_REGULATORY_REASON                       Regulation asks for the sender's name or address
    RR03_BENEFICIARY_NAME_OR_ADDRESS_MISSING     The receiver's name or address is missing
    RR04_REGULATORY_REASON                       The bank refused for a regulatory reason that it does not tell
    TM01_CUT_OFF_TIME                            The payment came after the bank's closing time
DisputeType
    CONTESTABLE        Can be contested with evidence until the deadline
    NOT_CONTESTABLE    Cannot be contested: it is closed at once
    RETRIEVAL          A warning: the bank wants documents, and no money has been taken
DisputeReasonType
    AUTHORISATION_DISPUTED                   The payer says that they did not authorise the payment
    CANCELED_REOCCURING_TRANSACTION          The payer had ended the recurring payment
    COUNTERFEIT_PRODUCT                      The payer says that the product is counterfeit
    DUPLICATE                                The payer says that they paid twice
    FRAUD                                    The payer says that it was fraud
    OTHER                                    Another reason: the message that came with it tells more
    PRODUCT_NOT_PROVIDED                     The payer says that nothing was delivered
    PRODUCT_UNACCEPTABLE                     The payer says that the product was faulty or not as described
    REFUND_CONVERSION_RATE                   The payer objects to the exchange rate of a refund
    REFUND_NOT_PROCESSED                     The payer says that a refund they were promised never came
    TRANSACTION_NOT_RECOGNIZED               The payer does not recognise the payment
    UNKNOWN                                  The bank gave no reason
    LATE_FAILURE_INSUFFICIENT_FUNDS          The direct debit bounced: the account held too little money
    LATE_FAILURE_CONTACT_USER                The direct debit bounced: the bank gives no reason, ask the payer
    LATE_FAILURE_BANKACCOUNT_CLOSED          The direct debit bounced: the account has been closed
    LATE_FAILURE_BANKACCOUNT_INCOMPATIBLE    The direct debit bounced: the account does not allow direct debits
    LATE_FAILURE_BANKACCOUNT_INCORRECT       The direct debit bounced: the account details are wrong
DisputeResult
    WON     Won: the money comes back to the platform
    LOST    Lost: the payer keeps the money, and the platform has to settle it
    VOID    Dropped: the dispute had no effect
"""
