"""The 168 event types as one table: data of `models.event_types`, which reads it.

A line at the margin opens a group: its name | what its resource id names | where to read that resource again.
An indented line is one event type and what it means. Source: https://docs.mangopay.com/webhooks/event-types
"""

TABLE = """
User regulatory | User | /v2.01/{client_id}/users/{resource_id}/regulatory
    USER_INFLOWS_BLOCKED       Mangopay stopped money from coming in to the user.
    USER_INFLOWS_UNBLOCKED     Money may come in to the user again.
    USER_OUTFLOWS_BLOCKED      Mangopay stopped money from leaving the user.
    USER_OUTFLOWS_UNBLOCKED    Money may leave the user again.
User account | User | /v2.01/{client_id}/sca/users/{resource_id}
    USER_ACCOUNT_VALIDATION_ASKED    The user must act (strong authentication) before the account is active.
    USER_ACCOUNT_ACTIVATED           The user's account is active.
    USER_ACCOUNT_CLOSED              The user's account was closed for good.
User category | User | /v2.01/{client_id}/sca/users/{resource_id}
    USER_CATEGORY_UPDATED_TO_OWNER       The user became an owner, who may hold and pay out money.
    USER_CATEGORY_UPDATED_TO_PAYER       The user became a payer.
    USER_CATEGORY_UPDATED_TO_PLATFORM    The user became the platform itself.
User verification | User | /v2.01/{client_id}/users/{resource_id}
    USER_KYC_REGULAR    The user's identity is verified: KYC level Regular.
    USER_KYC_LIGHT      The user's identity is not verified any more: KYC level Light.
User verification | User | /v2.01/{client_id}/users/{resource_id}/regulatory
    USER_KYC_RENEWAL_REQUIRED    The user's verification must be renewed within 90 days.
    USER_KYC_RENEWED             The user's verification was renewed.
User data format | User | /v2.01/{client_id}/users/{resource_id}
    LEGAL_COMPANY_NUMBER_VALIDATION_SUCCEEDED    The legal user's company number is valid.
    LEGAL_COMPANY_NUMBER_VALIDATION_FAILED       The legal user's company number is not valid.
SCA enrollment | User | /v2.01/{client_id}/sca/users/{resource_id}
    SCA_ENROLLMENT_SUCCEEDED    The user enrolled in strong authentication.
    SCA_ENROLLMENT_FAILED       The user used up all tries to enroll in strong authentication.
    SCA_ENROLLMENT_EXPIRED      The user let the enrollment in strong authentication expire.
SCA factors | User | /v2.01/{client_id}/sca/users/{resource_id}/sca-status
    SCA_EMAIL_VERIFIED           The user verified the e-mail address used for strong authentication.
    SCA_PHONE_NUMBER_VERIFIED    The user verified the phone number used for strong authentication.
SCA proxy consent | User | /v2.01/{client_id}/sca/users/{resource_id}/sca-status
    SCA_CONTACT_INFORMATION_UPDATE_CONSENT_GIVEN      The user lets the platform change contact details.
    SCA_CONTACT_INFORMATION_UPDATE_CONSENT_REVOKED    The user no longer lets the platform change contact details.
    SCA_TRANSFER_CONSENT_GIVEN                        The user lets the platform make transfers.
    SCA_TRANSFER_CONSENT_REVOKED                      The user no longer lets the platform make transfers.
    SCA_RECIPIENT_REGISTRATION_CONSENT_GIVEN          The user lets the platform register recipients.
    SCA_RECIPIENT_REGISTRATION_CONSENT_REVOKED        The user no longer lets the platform register recipients.
    SCA_VIEW_ACCOUNT_INFORMATION_CONSENT_GIVEN        The user lets the platform view wallets and transactions.
    SCA_VIEW_ACCOUNT_INFORMATION_CONSENT_REVOKED      The user no longer lets the platform view the account.
Identity verification | IdentityVerificationSession | /v2.01/{client_id}/identity-verifications/{resource_id}
    IDENTITY_VERIFICATION_PENDING               The verification session waits for the user.
    IDENTITY_VERIFICATION_VALIDATED             The verification session was validated.
    IDENTITY_VERIFICATION_FAILED                The verification session was refused.
    IDENTITY_VERIFICATION_INCONCLUSIVE          The verification session is under review by hand.
    IDENTITY_VERIFICATION_OUTDATED              The verification session is out of date.
    IDENTITY_VERIFICATION_EXPIRED               The link of the verification session expired.
    IDENTITY_VERIFICATION_PENDING_PSC_ACTION    The session waits for persons with significant control.
    IDENTITY_VERIFICATION_PSC_PENDING           The check of a person with significant control is pending.
    IDENTITY_VERIFICATION_PSC_VALIDATED         The check of a person with significant control was validated.
    IDENTITY_VERIFICATION_PSC_REJECTED          The check of a person with significant control was rejected.
    IDENTITY_VERIFICATION_PSC_ABANDONED         The check of a person with significant control was abandoned.
    IDENTITY_VERIFICATION_TIMEOUT               The verification session timed out (legacy).
KYC documents | KycDocument | /v2.01/{client_id}/kyc/documents/{resource_id}
    KYC_CREATED             A KYC document was created.
    KYC_VALIDATION_ASKED    A KYC document was submitted for review.
    KYC_SUCCEEDED           A KYC document was validated.
    KYC_FAILED              A KYC document was refused.
    KYC_OUTDATED            A KYC document is out of date.
UBO declarations | UboDeclaration | /v2.01/{client_id}/kyc/ubodeclarations/{resource_id}
    UBO_DECLARATION_CREATED             A declaration of beneficial owners was created.
    UBO_DECLARATION_VALIDATION_ASKED    A declaration of beneficial owners was submitted for review.
    UBO_DECLARATION_VALIDATED           A declaration of beneficial owners was validated.
    UBO_DECLARATION_INCOMPLETE          A declaration of beneficial owners is incomplete and must be mended.
    UBO_DECLARATION_REFUSED             A declaration of beneficial owners was refused.
Country authorizations | CountryAuthorization | /v2.01/countries/{resource_id}/authorizations
    COUNTRY_AUTHORIZATION_UPDATED    What is allowed for a country changed.
Recipients | Recipient | /v2.01/{client_id}/recipients/{resource_id}
    RECIPIENT_ACTIVE         The recipient is active and can be paid out to.
    RECIPIENT_CANCELED       The recipient was canceled before it became active.
    RECIPIENT_DEACTIVATED    The recipient was deactivated for good.
Virtual accounts | VirtualAccount | /v2.01/{client_id}/wallets/{wallet_id}/virtual-accounts/{resource_id}
    VIRTUAL_ACCOUNT_ACTIVE     The virtual account is active and can receive money.
    VIRTUAL_ACCOUNT_BLOCKED    Mangopay blocked the virtual account.
    VIRTUAL_ACCOUNT_CLOSED     The virtual account was closed for good.
    VIRTUAL_ACCOUNT_FAILED     The virtual account could not be created.
Pay-ins | PayIn | /v2.01/{client_id}/payins/{resource_id}
    PAYIN_NORMAL_CREATED                                A pay-in was created and is pending.
    PAYIN_NORMAL_SUCCEEDED                              A pay-in succeeded: the wallet is credited.
    PAYIN_NORMAL_FAILED                                 A pay-in failed; its result code says why.
    PAYIN_NORMAL_PROCESSING_STATUS_PENDING_SUCCEEDED    A Pay by Bank payment was initiated; the money is on its way.
Card validations | CardValidation | /v2.01/{client_id}/cards/{card_id}/validation/{resource_id}
    CARD_VALIDATION_CREATED      A card validation was created and is pending.
    CARD_VALIDATION_SUCCEEDED    A card validation succeeded.
    CARD_VALIDATION_FAILED       A card validation failed; its result code says why.
Recurring registrations | RecurringPayInRegistration | /v2.01/{client_id}/recurringpayinregistrations/{resource_id}
    RECURRING_REGISTRATION_CREATED        A recurring pay-in registration was created.
    RECURRING_REGISTRATION_AUTH_NEEDED    A recurring registration needs the cardholder to authenticate.
    RECURRING_REGISTRATION_IN_PROGRESS    A recurring registration is running.
    RECURRING_REGISTRATION_ENDED          A recurring registration ended.
Preauthorizations | Preauthorization | /v2.01/{client_id}/preauthorizations/{resource_id}
    PREAUTHORIZATION_CREATED              A card preauthorization was created and is pending.
    PREAUTHORIZATION_SUCCEEDED            The bank granted a card preauthorization.
    PREAUTHORIZATION_FAILED               A card preauthorization was refused or failed.
    PREAUTHORIZATION_PAYMENT_WAITING      Preauthorized money waits to be captured.
    PREAUTHORIZATION_PAYMENT_CANCELED     A preauthorization was canceled.
    PREAUTHORIZATION_PAYMENT_EXPIRED      A preauthorization expired before all of it was captured.
    PREAUTHORIZATION_PAYMENT_VALIDATED    A preauthorization was captured and is closed.
Extended preauthorizations | ExtendedPreauthorization | /v2.01/{client_id}/extended-preauthorizations/{resource_id}
    EXTENDED_PREAUTHORIZATION_CREATED                     An extended preauthorization was created and is pending.
    EXTENDED_PREAUTHORIZATION_FAILED                      An extended preauthorization was refused or failed.
    EXTENDED_PREAUTHORIZATION_PAYMENT_WAITING             Money held by an extended preauthorization can be captured.
    EXTENDED_PREAUTHORIZATION_PAYMENT_VALIDATED           Money held by an extended preauthorization was captured.
    EXTENDED_PREAUTHORIZATION_PAYMENT_FAILED              The capture of an extended preauthorization failed.
    EXTENDED_PREAUTHORIZATION_PAYMENT_CANCEL_REQUESTED    Canceling an extended preauthorization was asked for.
    EXTENDED_PREAUTHORIZATION_PAYMENT_CANCELED            An extended preauthorization was canceled.
    EXTENDED_PREAUTHORIZATION_PAYMENT_EXPIRED             An extended preauthorization expired without a capture.
Deposit preauthorizations | DepositPreauthorization | /v2.01/{client_id}/deposit-preauthorizations/{resource_id}
    DEPOSIT_PREAUTHORIZATION_CREATED                      A deposit preauthorization was created and is pending.
    DEPOSIT_PREAUTHORIZATION_FAILED                       A deposit preauthorization was refused or failed.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_WAITING              Money held as a deposit can be captured.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_VALIDATED            Money held as a deposit was captured.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_FAILED               The capture of a deposit failed.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCEL_REQUESTED     Canceling a deposit was asked for.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_CANCELED             A deposit was canceled.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_EXPIRED              A deposit expired without a capture.
    DEPOSIT_PREAUTHORIZATION_PAYMENT_TO_BE_COMPLETED      A deposit was captured and a complement is to come (legacy).
    DEPOSIT_PREAUTHORIZATION_PAYMENT_NO_SHOW_REQUESTED    A no-show was declared on a deposit (legacy).
    DEPOSIT_PREAUTHORIZATION_PAYMENT_NO_SHOW              A no-show was confirmed on a deposit (legacy).
Mandates | Mandate | /v2.01/{client_id}/mandates/{resource_id}
    MANDATE_CREATED      A mandate was created and waits for the user.
    MANDATE_SUBMITTED    A mandate was sent to the bank.
    MANDATE_ACTIVATED    A mandate is active and can be debited.
    MANDATE_FAILED       A mandate failed or was canceled.
    MANDATE_EXPIRED      A mandate expired.
Disputes | Dispute | /v2.01/{client_id}/disputes/{resource_id}
    DISPUTE_CREATED                    A payer disputes a pay-in.
    DISPUTE_ACTION_REQUIRED            A dispute waits for the platform: contest it or accept it.
    DISPUTE_SUBMITTED                  The platform contested a dispute.
    DISPUTE_SENT_TO_BANK               The evidence of a dispute was sent to the bank.
    DISPUTE_FURTHER_ACTION_REQUIRED    A dispute was reopened and needs more evidence.
    DISPUTE_CLOSED                     A dispute is closed; its result is final.
Dispute documents | DisputeDocument | /v2.01/{client_id}/dispute-documents/{resource_id}
    DISPUTE_DOCUMENT_CREATED             A dispute document was created.
    DISPUTE_DOCUMENT_VALIDATION_ASKED    A dispute document was submitted.
    DISPUTE_DOCUMENT_SUCCEEDED           A dispute document was validated.
    DISPUTE_DOCUMENT_FAILED              A dispute document was refused.
Repudiations | Repudiation | /v2.01/{client_id}/repudiations/{resource_id}
    PAYIN_REPUDIATION_CREATED      A repudiation (the bank takes a pay-in back) was created and is pending.
    PAYIN_REPUDIATION_SUCCEEDED    A repudiation succeeded: the money went back to the bank.
    PAYIN_REPUDIATION_FAILED       A repudiation failed; its result code says why.
Settlement transfers | SettlementTransfer | /v2.01/{client_id}/settlements/{resource_id}
    TRANSFER_SETTLEMENT_CREATED      A settlement transfer for a lost dispute was created and is pending.
    TRANSFER_SETTLEMENT_SUCCEEDED    A settlement transfer for a lost dispute succeeded.
    TRANSFER_SETTLEMENT_FAILED       A settlement transfer failed; its result code says why.
Transfers | Transfer | /v2.01/{client_id}/transfers/{resource_id}
    TRANSFER_NORMAL_CREATED      A transfer between wallets was created and is pending.
    TRANSFER_NORMAL_SUCCEEDED    A transfer between wallets succeeded.
    TRANSFER_NORMAL_FAILED       A transfer between wallets failed; its result code says why.
Conversions | Conversion | /v2.01/{client_id}/conversions/{resource_id}
    INSTANT_CONVERSION_CREATED      A conversion at the rate of the moment was created and is pending.
    INSTANT_CONVERSION_SUCCEEDED    A conversion at the rate of the moment succeeded.
    INSTANT_CONVERSION_FAILED       A conversion at the rate of the moment failed; its result code says why.
    QUOTED_CONVERSION_CREATED       A conversion at a quoted rate was created and is pending.
    QUOTED_CONVERSION_SUCCEEDED     A conversion at a quoted rate succeeded.
    QUOTED_CONVERSION_FAILED        A conversion at a quoted rate failed; its result code says why.
Payouts | PayOut | /v2.01/{client_id}/payouts/{resource_id}
    PAYOUT_NORMAL_CREATED      A payout was created and is pending.
    PAYOUT_NORMAL_SUCCEEDED    A payout succeeded: the money was handed to the bank.
    PAYOUT_NORMAL_FAILED       A payout failed; its result code says why.
Instant payouts | PayOut | /v2.01/{client_id}/payouts/bankwire/{resource_id}
    INSTANT_PAYOUT_SUCCEEDED     A payout went out instantly.
    INSTANT_PAYOUT_FAILED        A payout could not go out instantly.
    INSTANT_PAYOUT_FALLBACKED    An instant payout fell back to a standard one.
Pay-in refunds | Refund | /v2.01/{client_id}/refunds/{resource_id}
    PAYIN_REFUND_CREATED      A refund of a pay-in was created and is pending.
    PAYIN_REFUND_SUCCEEDED    A refund of a pay-in succeeded: the payer gets the money back.
    PAYIN_REFUND_FAILED       A refund of a pay-in failed; its result code says why.
Transfer refunds | Refund | /v2.01/{client_id}/refunds/{resource_id}
    TRANSFER_REFUND_CREATED      A refund of a transfer was created and is pending.
    TRANSFER_REFUND_SUCCEEDED    A refund of a transfer succeeded.
    TRANSFER_REFUND_FAILED       A refund of a transfer failed; its result code says why.
Payout refunds | Refund | /v2.01/{client_id}/refunds/{resource_id}
    PAYOUT_REFUND_CREATED      The bank returned a payout; the return is pending.
    PAYOUT_REFUND_SUCCEEDED    The bank returned a payout: the wallet is credited again.
    PAYOUT_REFUND_FAILED       The return of a payout failed; its result code says why.
Echo intents | Intent | /v3.0/{client_id}/payins/intents/{resource_id}
    INTENT_AUTHORIZED          The authorization of an intent was declared.
    INTENT_CAPTURED            The capture of an intent was declared.
    INTENT_REFUNDED            The refund of an intent was declared.
    INTENT_REFUND_REVERSED     The refund of an intent was reversed.
    INTENT_DISPUTE_CREATED     A dispute of an intent was declared.
    INTENT_DISPUTE_DEFENDED    A dispute of an intent is being defended.
    INTENT_DISPUTE_WON         The platform won a dispute of an intent.
    INTENT_DISPUTE_LOST        The platform lost a dispute of an intent.
    INTENT_SETTLED_NOT_PAID    An intent was reconciled, but the money was not received.
    INTENT_PAID                The money of an intent was received.
Echo splits | Split | /v3.0/{client_id}/payins/intents/{intent_id}/splits/{resource_id}
    SPLIT_CREATED                    A split of an intent was created.
    SPLIT_PENDING_FUNDS_RECEPTION    A split waits for its money.
    SPLIT_AVAILABLE                  The money of a split is in the wallet.
    SPLIT_REJECTED                   A split was rejected.
    SPLIT_REVERSED                   A split was reversed.
Echo settlements | Settlement | /v3.0/{client_id}/payins/intents/settlements/{resource_id}
    SETTLEMENT_PENDING_UPLOAD             A settlement waits for its file.
    SETTLEMENT_UPLOADED                   The file of a settlement was uploaded.
    SETTLEMENT_CREATED                    The file of a settlement is valid; reconciliation runs.
    SETTLEMENT_UNMATCHED                  No line of a settlement matches an intent.
    SETTLEMENT_PARTIALLY_MATCHED          Some lines of a settlement match intents.
    SETTLEMENT_PENDING_FUNDS_RECEPTION    A settlement matches and waits for its money.
    SETTLEMENT_INSUFFICIENT_FUNDS         Less money was received than a settlement says.
    SETTLEMENT_RECONCILED                 A settlement was reconciled with the money received.
    SETTLEMENT_CANCELLED                  The platform cancelled a settlement.
    SETTLEMENT_FAILED                     A settlement failed.
Reports | Report | /v2.01/{client_id}/reporting/reports/{resource_id}
    REPORT_GENERATED    A report is ready to be downloaded.
    REPORT_FAILED       A report could not be generated.
"""
