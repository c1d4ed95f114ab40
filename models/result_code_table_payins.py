"""Result codes of pay-ins, but for those of cards: data of `models.result_codes`.

The table is written as in `models.result_code_table`.
Source: https://docs.mangopay.com/errors/codes
"""

TABLE = """
Pay-ins
    009101 PSP timeout please try later
        The payment provider did not answer in time, so the payment failed.
        > The payer can try again later.
    009103 PSP configuration error
        The payment method is not set up as the payment provider expects, so no payment can go through.
        > Contact Mangopay's support with the id of the pay-in; trying again does not help.
    009199 PSP technical error
        The payment provider failed for a technical reason.
        > Look at Mangopay's status; the payer can try again later.
    009499 Bank technical error
        The payer's bank turned the payment down or could not process it, and gives no reason.
        > The payer can try again later, or pay in another way.
    101101 Transaction refused by the bank (Do not honor)
        The payer's bank refused the payment without saying why; often a limit is reached or money is lacking.
        > The payer can ask their bank, or use another card or method; trying the same again rarely helps.
    101109 The payment period has expired
        The payer did not pay in the time that the method allows.
        > Offer the payment again. If the payer sent a bank wire all the same, contact Mangopay's support.
    101111 Maximum number of attempts reached
        There were too many attempts at the same payment, and the banks blocked it for safety.
        > The payer can wait a while and start a new payment, best in another way.
    101199 Transaction refused
        The payer's bank refused the payment and keeps the reason to itself.
        > The payer can ask their bank, or pay in another way.

Payment pages
    001030 User has not been redirected
        The payer never opened the payment page.
        > If the payer still wants to pay, offer the payment again.
    001031 User canceled the payment
        The payer chose to cancel on the payment page.
        > If the payer still wants to pay, offer the payment again.
    001032 User is filling in the payment card details
        The payer is on the payment page right now: nothing has failed.
        > Wait for the result.
    001033 User has not been redirected then the payment session has expired
        The payer was not taken to the payment page before its time was over.
        > Offer the payment again; if this happens often, a developer should check the redirection.
    001034 User has let the payment session expire without paying
        The payer opened the payment page but did not pay before its time was over.
        > If the payer still wants to pay, offer the payment again.
    101001 The user does not complete transaction
        The payer left out something that the payment page asked for.
        > The payer can try again and fill in every field.
    101002 The transaction has been cancelled by the user
        The payer broke the payment off.
        > If the payer still wants to pay, offer the payment again.

Bank wire
    101110 The payment has been refused
        The payer's bank wire was declined or cancelled.
        > The payer must send the money again; offer a new pay-in with its own reference.

Virtual accounts
    101025 The banking alias is not active
        The money was sent to a virtual IBAN that has been deactivated, which is final.
        > Give the payer the details of an account that is active.

Pay by Bank
    206101 RedirectURL page embedded
        The bank's page was shown inside another page, which banks do not allow.
        > A developer must send the payer to the page itself.
    206102 RedirectURL already processed
        The link to the payment page had already been used.
        > See whether the payer has already paid; if not, offer the payment again.
    206103 Bank not supported
        The payer's bank cannot be used for Pay by Bank.
        > The payer can choose another bank, or pay in another way.
    206104 User not recognized
        The bank did not recognise the payer.
        > The payer can try again with the right details of their online banking.
    206105 Authentication method not supported
        The bank does not support the way in which the payer wanted to authenticate.
        > The payer can try again and choose another way to authenticate.
    206106 Invalid user credentials
        The payer's details for signing in at the bank were wrong.
        > The payer can try again with the right details.
    206107 Parallel session detected
        The payer had another payment at the bank open at the same time.
        > See whether one of the two goes through; if neither does, offer the payment again.
    206108 User blocked by bank
        The bank has locked the payer out.
        > The payer must talk to their bank, or pay in another way.
    206109 User denied by bank
        The bank does not let the payer make this payment.
        > The payer must talk to their bank, or pay in another way.

Direct debit
    001024 Author is not the Mandate owner
        The mandate was given by another user than the author of the payment.
        > Name the mandate's owner as the author, or use a mandate of the author.
    001801 The bank account has been closed
        The bank account to be debited no longer exists.
        > Ask the user for another bank account and a new mandate.
    001802 The bank details supplied were incorrect
        The details of the bank account behind the mandate are wrong.
        > Have the user give the right details and a new mandate.
    001803 Direct debit is not enabled for this bank account
        The user's bank does not allow direct debits from this account.
        > The user can have their bank allow them, give another account, or pay in another way.
    001804 The user has disputed the authorisation of the mandate
        The user told their bank that they never agreed to the mandate.
        > Talk to the user before you debit again; it takes a new mandate.
    001805 The user has cancelled the mandate
        The user withdrew the mandate, so it can no longer be used.
        > Ask the user for a new mandate or another way to pay.
    001806 The client has cancelled the mandate
        The platform itself cancelled the mandate, so it can no longer be used.
        > To debit the user again, ask for a new mandate.
    001807 User has let the mandate session expire without confirming
        The user did not confirm the mandate within the hour that its page is open.
        > Create a new mandate and send the user to its page.
    001830 There are insufficient funds in the bank account
        The user's bank account held less than the amount.
        > Agree with the user when to debit again, or on another way to pay.
    001831 Contact the user
        The direct debit failed for a reason that the bank does not tell.
        > Ask the user, who can ask their bank.
    001832 The payment has been cancelled
        The user had their bank stop the payment.
        > Talk to the user before you debit again.
    001833 The Status of this Mandate does not allow for payments
        The mandate is not in force: it must be submitted or active.
        > Look at the mandate; if it is unconfirmed, failed or expired, ask for a new one.
    001834 The user has disputed the payment
        The user demanded the money back through their bank.
        > Talk to the user, and look at the disputes of the pay-in.
    001835 The mandate has expired
        The mandate lapsed, as mandates do when they are not used for 24 months.
        > To debit the user again, ask for a new mandate.
    001836 The mandate has been submitted to the user\u2019s bank
        The mandate is on its way to the user's bank: nothing has failed.
        > Wait until the mandate is active.

Google Pay
    105207 Invalid PaymentData
        What Google Pay handed over for this payment is not valid.
        > The payer can check the card in their Google account; a developer should check the payment data sent.

Klarna
    202001 AdditionalData format error
        The additional data for Klarna are missing or not in the form that Klarna expects.
        > A developer must correct what the platform sends.

PayPal
    201001 PayPal account balance insufficient
        The payer's PayPal account holds too little money.
        > The payer can add money or choose another source in PayPal, or pay in another way.
    201002 PayPal related payment instrument declined
        The card or bank account behind the payer's PayPal account was declined.
        > The payer can choose another source in PayPal, or pay in another way.
    201003 PayPal transaction approval has expired
        The payer's approval at PayPal came too late or was used too late.
        > Offer the payment again.
    201004 PayPal account's owner has not approved payment
        The payer declined the payment at PayPal, or left without approving it.
        > If the payer still wants to pay, offer the payment again.
    201005 Shipping address is invalid
        PayPal does not accept the shipping address.
        > The payer should correct the address and try again.
    201051 This transaction has been refused by PayPal risk
        PayPal considers the payment too risky.
        > The payer can ask PayPal, or pay in another way.
    201052 PayPal account is restricted
        PayPal has restricted what the account may do.
        > The payer must settle that with PayPal, or pay in another way.
    201053 PayPal account locked or closed
        The payer's PayPal account can no longer be used.
        > The payer must settle that with PayPal, or pay in another way.
    205001 Data validation error
        Something that the payment needs is missing or wrong, or a recurring registration has had its 100 payments.
        > Check what was sent; after 100 recurring payments, a new registration is needed.
"""
