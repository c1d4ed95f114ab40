"""Why a transaction failed: Mangopay's codes and messages, typos included, and the card amounts that provoke them.

Source: https://docs.mangopay.com/errors/codes and https://docs.mangopay.com/guides/testing
"""

SUCCESS = "000000"
# What a payer's page that nobody finishes ends with, whatever the method.
PERIOD_EXPIRED = "101109"

MESSAGES = {
    # Success.
    "000000": "Success",
    # Generic.
    "001015": "The client API access is not active",
    "001999": "Generic Operation error",
    "009999": "Technical error",
    # Closed users.
    "002601": "User owning debited wallet is closed and cannot transfer to another wallet",
    "002602": "User owning credited wallet is closed and and cannot receive funds from another wallet",
    # User category.
    "002701": "Users with category PAYER cannot make transfers to other users with category PAYER.",
    "002702": "Users with category PAYER cannot receive transfers from users with category OWNER.",
    "002703": "Refused due to user\u2019s UserCategory: PAYER",
    "002704": "Users in PENDING_USER_ACTION status cannot create transfers",
    # Owner user SCA.
    "007101": "Transfer authentication failed. Please retry with a new request.",
    "007102": "Transfer authentication expired. Please initiate a new request.",
    # User verification.
    "002981": "The user is not KYC-validated",
    "002996": "Blocked due to User Balance limitations (maximum owned amount reached)",
    "002997": "Blocked due to KYC limitations (maximum debited or credited amount reached)",
    "002998": "Blocked due to the Bank Account User's KYC limitations (maximum debited or credited amount reached)",
    "002999": "Blocked due to a Debited User's KYC limitations (maximum debited or credited amount reached)",
    # Card input and registration.
    "001599": "Token processing error",
    "105101": "Invalid card number",
    "105102": "Invalid cardholder name",
    "105103": "Invalid PIN code",
    "105104": "Invalid PIN format",
    "105202": "Card number: invalid format",
    "105203": "Expiry date: missing or invalid format",
    "105204": "CVV: missing or invalid format",
    "105205": "Callback URL: Invalid format",
    "105206": "Registration data : Invalid format",
    "105299": "Token input Error",
    "101699": "CardRegistration error",
    # Generic transaction errors.
    "001001": "Unsufficient wallet balance",
    "001002": "Author is not the wallet owner",
    "001003": "Unsufficient balance for this emoney owner",
    "001011": "Transaction amount is higher than maximum permitted amount",
    "001012": "Transaction amount is lower than minimum permitted amount",
    "001013": "Invalid transaction amount",
    "001014": "CreditedFunds must be more than 0 (DebitedFunds can not equal Fees)",
    "101108": "Transaction refused: the Debited Wallet and the Credited Wallet must be different",
    # Pay-ins.
    "009101": "PSP timeout please try later",
    "009103": "PSP configuration error",
    "009199": "PSP technical error",
    "009499": "Bank technical error",
    "101101": "Transaction refused by the bank (Do not honor)",
    "101109": "The payment period has expired",
    "101111": "Maximum number of attempts reached",
    "101199": "Transaction refused",
    # Card payments.
    "001023": "Author is not the card owner",
    "101102": "Transaction refused by the bank (Amount limit)",
    "101103": "Transaction refused by the terminal",
    "101104": "Transaction refused by the bank (card limit reached)",
    "101105": "The card has expired",
    "101106": "The card is inactive",
    "101112": "Maximum amount exceeded",
    "101113": "Maximum amount exceeded",
    "101115": "Debit limit exceeded",
    "101116": "Debit transaction frequency exceeded",
    "101118": "An initial transaction with the same card is still pending",
    "101410": "The card is not active",
    # 3D Secure.
    "008511": "The 3DS authentification has failed due to supplementary security checks",
    "008515": "Authentication not available: do not benefit from liability shift",
    "101301": "SecureMode: 3DSecure authentication has failed",
    "101302": "Secure mode: The card is not enrolled with 3DSecure",
    "101303": "Secure mode: The card is not compatible with 3DSecure",
    "101304": "Secure mode: The 3DSecure authentication session has expired",
    "101305": "SecureMode: Soft decline",
    "101399": "Secure mode: 3DSecure authentication is not available",
    # Card preauthorization.
    "001505": "The PayIn DebitedFunds can't be higher than the PreAuthorization remaining amount",
    # Web card pay-ins.
    "001030": "User has not been redirected",
    "001031": "User canceled the payment",
    "001032": "User is filling in the payment card details",
    "001033": "User has not been redirected then the payment session has expired",
    "001034": "User has let the payment session expire without paying",
    "101001": "The user does not complete transaction",
    "101002": "The transaction has been cancelled by the user",
    # Bank wire.
    "101110": "The payment has been refused",
    # Pay by Bank.
    "206101": "RedirectURL page embedded",
    "206102": "RedirectURL already processed",
    "206103": "Bank not supported",
    "206104": "User not recognized",
    "206105": "Authentication method not supported",
    "206106": "Invalid user credentials",
    "206107": "Parallel session detected",
    "206108": "User blocked by bank",
    "206109": "User denied by bank",
    # Virtual IBAN.
    "101025": "The banking alias is not active",
    # Direct debit.
    "001024": "Author is not the Mandate owner",
    "001801": "The bank account has been closed",
    "001802": "The bank details supplied were incorrect",
    "001803": "Direct debit is not enabled for this bank account",
    "001804": "The user has disputed the authorisation of the mandate",
    "001805": "The user has cancelled the mandate",
    "001806": "The client has cancelled the mandate",
    "001807": "User has let the mandate session expire without confirming",
    "001830": "There are insufficient funds in the bank account",
    "001831": "Contact the user",
    "001832": "The payment has been cancelled",
    "001833": "The Status of this Mandate does not allow for payments",
    "001834": "The user has disputed the payment",
    "001835": "The mandate has expired",
    "001836": "The mandate has been submitted to the user\u2019s bank",
    # Google Pay.
    "105207": "Invalid PaymentData",
    # Klarna.
    "202001": "AdditionalData format error",
    # PayPal.
    "201001": "PayPal account balance insufficient",
    "201002": "PayPal related payment instrument declined",
    "201003": "PayPal transaction approval has expired",
    "201004": "PayPal account's owner has not approved payment",
    "201005": "Shipping address is invalid",
    "201051": "This transaction has been refused by PayPal risk",
    "201052": "PayPal account is restricted",
    "201053": "PayPal account locked or closed",
    "205001": "Data validation error",
    # Refunds.
    "001401": "Transaction has already been successfully refunded",
    "001403": "The transaction cannot be refunded (max 11 months)",
    "001404": "No more refunds can be created against this transaction",
    "001405": "The initial transaction occured less than 7 days ago",
    "005403": "The refund cannot exceed initial transaction amount",
    "005404": "The refunded fees cannot exceed initial fee amount",
    "005405": "Balance of client fee wallet unsufficient",
    "005406": "Another refund for this transaction is still pending.",
    "005407": "Duplicated operation: you cannot reimburse the same amount more than once for a transaction during "
    "the same day.",
    "005408": "Due to repudiations against this transaction, you can not refund this amount.",
    # Dispute settlement transfers.
    "003010": "The total DebitedFunds settled cannot exceed the initial transaction DebitedFunds available for "
    "settlement",
    "003011": "The total Fees settled cannot exceed the initial transaction Fees available for settlement",
    "003012": "The repudiation has already been successfully settled",
    # FX conversions.
    "004801": "Conversion could not be debited from wallet",
    "004802": "Conversion failed during conversion operation",
    "004803": "Conversions while market is closed are not enabled. Contact your support to activate this feature.",
    # Risk management.
    "008500": "Transaction blocked by Fraud Policy",
    "008501": "Transaction refused due to blocked Country",
    "008502": "Transaction refused due to blocked IBAN",
    "008503": "Transaction refused due to blocked BIC",
    "008504": "Amount of the transaction exceeded the amount permitted",
    "008505": "Number of accepted transactions exceeded the velocity limit set",
    "008506": "Unauthorized IP address country",
    "008507": "Cumulative value of transactions exceeded",
    "008600": "Wallet blocked by Fraud policy",
    "008700": "User blocked by Fraud policy",
    "008999": "Suspicion of fraud",
    # Card-related.
    "008001": "Counterfeit Card",
    "008002": "Lost Card",
    "008003": "Stolen Card",
    "008004": "Card bin not authorized",
    "008005": "Security violation",
    "008006": "Fraud suspected by the bank",
    "008007": "Opposition on bank account (Temporary)",
    "008008": "Pay-in failed: the issuing bank reports that the bank account linked to this card does not exist.",
    "008508": "Unauthorized Card issuer country",
    "008509": "Number of bank cards allowed is exceeded",
    "008510": "Number of clients per card is exceeded",
    "008512": "IP location different than card issuer country",
    "008513": "Number of device fingerprints allowed is exceeded",
    "008514": "Unauthorized Card BIN",
    # Bank-related.
    "008516": "Transaction refused due to blocked GB account",
    "008517": "Transaction refused due to blocked US account",
    "008518": "Transaction refused due to blocked CA account",
    "008519": "Transaction refused due to blocked OTHER account",
    # Payouts.
    "101119": "Invalid or missing bank details",
    "121001": "The bank wire has been refused",
    "121002": "The author is not the wallet owner",
    "121003": "Insufficient wallet balance",
    "121004": "Specific case: please contact our Finance Team",
    "121005": "Refused due to the Fraud Policy",
    "121006": "The associated bank account is not active",
    "121007": "The author is not the bank account owner",
    "121009": "Payout expired before processing",
    "121010": "Remitter or beneficiary identified as requiring further analysis",
    "121012": "Inapproriate bank account type used",
    "121018": "This payout uses a non-SCA compliant bank account. Please create via the recipient endpoint and try "
    "again.",
    "121019": "Payout refused because the bank account address is formatted as an unstructured string in "
    "AddressLine1 (created via an API v2 endpoint). Re-register as a Recipient and try again.",
    "121999": "Generic withdrawal error",
    # Verification of Payee (VOP).
    "121030": "Verification of Payee failed: account name and IBAN do not match. Please provide matching details "
    "to proceed with the payout",
    # Instant payments.
    "130001": "The client's settings are incorrectly configured for instant payout",
    "130002": "The amount requested is greater than the authorised amount",
    "130003": "The user is not KYC-validated",
    "130004": "The user is blocked by Fraud policy",
    "130005": "One or several required parameters are missing or incorrect. An incorrect resource ID also raises "
    "this kind of error.",
    "130006": "technical error, please try again later",
    "130007": "Destination Bank is not reachable",
    "130008": "Duplicate transaction identified",
    "130009": "The destination IBAN is not valid",
    "130010": "Generic operation error",
    "130011": "Manual review required - not compatible with payout mode requested",
    # Reports.
    "805001": "There was an error validating your report request",
    "809001": "There was an error executing your report request",
    # The card vault's own, which two amounts still bring up.
    "01902": "Card not active",
    "02624": "Card expired",
}

# Amounts of a card pay-in, in minor units, that the bank of the sandbox refuses.
REFUSED_AMOUNTS = {
    33303: "009103",
    33305: "101101",
    33312: "01902",
    33313: "001013",
    33314: "105101",
    33333: "02624",
    33334: "008006",
    33338: "101111",
    33341: "008002",
    33343: "008003",
    33351: "101102",
    33355: "105103",
    33357: "009999",
    33358: "101103",
    33360: "101104",
    33361: "101115",
    33363: "008005",
    33391: "009499",
    33394: "009199",
}
