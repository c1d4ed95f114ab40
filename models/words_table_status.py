"""What each status means, in general and for each kind of object: data of `models.words`.

The table is written as in `models.words_table`.
Source: https://docs.mangopay.com/api-reference
"""

TABLE = """
Status
    CREATED                           Created, and not finished yet
    SUCCEEDED                         Done as it was asked for
    FAILED                            It did not take effect
    ERROR                             It did not take effect
    PENDING                           Waits for something to happen
    ACTIVE                            Can be used
    INACTIVE                          Cannot be used
    BLOCKED                           Blocked by Mangopay
    CANCELED                          Called off before it took effect
    DEACTIVATED                       Switched off for good
    VALIDATION_ASKED                  Submitted: Mangopay is checking it
    VALIDATED                         Checked and accepted
    REFUSED                           Checked and refused
    REVIEW                            Mangopay is reviewing it by hand
    INCOMPLETE                        Something is missing
    OUT_OF_DATE                       No longer counts: it must be renewed
    SUBMITTED                         Sent, and not answered yet
    EXPIRED                           Its time is over
    PENDING_CLIENT_ACTION             Waits for the platform to act
    REOPENED_PENDING_CLIENT_ACTION    Opened again, and waits for the platform to act
    PENDING_BANK_ACTION               Waits for the bank to decide
    CLOSED                            Closed: nothing more will happen
    ENABLED                           Switched on
    DISABLED                          Switched off
    AUTHENTICATION_NEEDED             Waits for the user to authenticate
    IN_PROGRESS                       Running
    ENDED                             Ended for good
Status | payin
    CREATED      Started: the money has not arrived yet
    SUCCEEDED    The money is in the wallet
    FAILED       No money came in: the result code says why
Status | transfer
    CREATED      Waits for the user to confirm it by strong customer authentication
    SUCCEEDED    The money is in the other wallet
    FAILED       No money moved: the result code says why
Status | payout
    CREATED      Asked for: the money has not been sent yet
    SUCCEEDED    Taken from the wallet and sent to the bank, which may still send it back
    FAILED       Nothing was taken from the wallet: the result code says why
Status | refund
    CREATED      Asked for: the money is not back yet
    SUCCEEDED    The money was given back
    FAILED       No money was given back: the result code says why
Status | conversion
    CREATED      Asked for: the money has not been exchanged yet
    SUCCEEDED    The exchanged money is in the other wallet
    FAILED       No money was exchanged: the result code says why
Status | quote
    ACTIVE     The rate can be used until the quote expires
    EXPIRED    The rate can no longer be used: ask for a new quote
Status | repudiation
    CREATED      The payer's bank is taking the money back
    SUCCEEDED    The disputed amount was taken from the platform's repudiation wallet
    FAILED       Nothing was taken: the result code says why
Status | settlement
    CREATED      Asked for: the platform's repudiation wallet has not been repaid yet
    SUCCEEDED    The user's wallet repaid the platform's repudiation wallet
    FAILED       Nothing was repaid: the result code says why
Status | preauthorization deposit extended-preauthorization
    CREATED      Asked for: the payer may still have to authenticate
    SUCCEEDED    The amount was reserved; the payment status tells what became of it
    FAILED       Nothing was reserved: the result code says why
Status | card-registration
    CREATED      The card's details have not been entered yet
    VALIDATED    The card is saved
    ERROR        The card was not saved: the result code says why
Status | card-validation
    CREATED      The cardholder may still have to authenticate
    SUCCEEDED    The bank confirmed the card
    FAILED       The bank did not confirm the card: the result code says why
Status | recipient bank-account
    PENDING        Waits for the user to confirm it by strong customer authentication
    ACTIVE         Can be paid out to
    CANCELED       The user did not confirm it: it must be registered again
    DEACTIVATED    Switched off for good: it must be registered again
Status | banking-alias
    PENDING    The account is being opened
    ACTIVE     The account can receive money
    BLOCKED    Mangopay blocked the account
    CLOSED     The account was closed for good
    FAILED     The account could not be opened: the result code says why
Status | mandate
    CREATED      Waits for the user to confirm it, for an hour
    SUBMITTED    Confirmed, and on its way to the bank; payments are already possible
    ACTIVE       Accepted by the bank, or already used for a payment
    FAILED       Refused, cancelled or not confirmed: the result code says why
    EXPIRED      Lapsed, since no payment was taken for 24 months
Status | recurring
    CREATED                  Waits for the first payment
    AUTHENTICATION_NEEDED    The next payment needs the payer to be there and authenticate
    IN_PROGRESS              Further payments can be taken without the payer
    ENDED                    No further payment can be taken
Status | kyc-document
    CREATED             Not submitted yet: pages can still be added
    VALIDATION_ASKED    Submitted: Mangopay is checking it
    VALIDATED           Accepted
    REFUSED             Refused for good: a new document is needed
    OUT_OF_DATE         No longer counts, since the user's details have changed: a new document is needed
Status | dispute-document
    CREATED             Not submitted yet: pages can still be added
    VALIDATION_ASKED    Submitted: Mangopay is checking it
    VALIDATED           Accepted as evidence
    REFUSED             Not accepted as evidence: add a new document
    OUT_OF_DATE         No longer counts as evidence
Status | ubo-declaration
    CREATED             Not submitted yet: owners can still be added
    VALIDATION_ASKED    Submitted: Mangopay is checking it
    VALIDATED           Accepted
    REFUSED             Refused for good: a new declaration is needed
    INCOMPLETE          Something is missing: complete it and submit it again
Status | identity-verification
    PENDING        Waits for the user to go through the verification page
    VALIDATED      The user is verified
    REFUSED        The user was not verified: a new session is needed
    REVIEW         Mangopay is reviewing it by hand
    OUT_OF_DATE    No longer counts: a new session is needed
    OUTDATED       No longer counts: a new session is needed
    EXPIRED        The page can no longer be used: a new session is needed
Status | dispute
    CREATED                           The payer's bank has just opened it
    PENDING_CLIENT_ACTION             Contest it with evidence before the deadline, or accept it
    SUBMITTED                         Contested: Mangopay is checking the evidence
    PENDING_BANK_ACTION               Contested: the payer's bank is deciding
    REOPENED_PENDING_CLIENT_ACTION    Better evidence is wanted: add it and submit again before the deadline
    CLOSED                            Decided for good: the result says who won
Status | hook
    ENABLED     Switched on: notifications are sent, if the hook is valid
    DISABLED    Switched off: no notifications are sent
Status | report legacy-report
    PENDING               Waits to be made
    GENERATING            Is being made
    GENERATED             Ready to be downloaded
    READY_FOR_DOWNLOAD    Ready to be downloaded
    EXPIRED               Can no longer be downloaded: order it again
    FAILED                Could not be made: the result code says why
Status | intent-settlement
    PENDING_UPLOAD             Waits for its file
    UPLOADED                   The file was uploaded and is being checked
    CREATED                    The file is valid and is being matched with the intents
    UNMATCHED                  No line of the file matches an intent
    PARTIALLY_MATCHED          Only some lines of the file match an intent
    PENDING_FUNDS_RECEPTION    All lines match: waits for the money
    INSUFFICIENT_FUNDS         Less money arrived than the file says
    RECONCILED                 The money that arrived agrees with the file
    CANCELLED                  The platform called it off
    FAILED                     It failed
"""
