"""Result codes of wallets, users, transfers, refunds, disputes, payouts and reports: data of `models.result_codes`.

A line at the margin opens a group. Below it, for each code: the code and Mangopay's message (as sent, typos
included), what happened, and after `>` what to do. A line indented by twelve continues the one above.
Source: https://docs.mangopay.com/errors/codes
"""

TABLE = """
Success
    000000 Success
        Everything went through as it was asked for.

Platform
    001015 The client API access is not active
        Mangopay has switched off this platform's access to the API and refuses what it asks for.
        > Contact Mangopay's support to have the access restored; trying again does not help.
    001999 Generic Operation error
        An incident or a lost connection stopped the operation, and nothing more precise is known.
        > Look at Mangopay's status, then try once more; if it fails again, contact Mangopay's support with the id.
    009999 Technical error
        Something broke at Mangopay or one of its partners, and the operation was not carried out.
        > Look at Mangopay's status and try again later; if it fails again, contact Mangopay's support with the id.

Amounts and wallets
    001001 Unsufficient wallet balance
        The wallet to be debited held less than the amount.
        > Compare the amount with the wallet's balance. Before a pay-in can be refunded, refund the transfer that
            moved its money on.
    001002 Author is not the wallet owner
        The user named as the author does not own the wallet to be debited.
        > Name the wallet's owner as the author, or debit a wallet of the author.
    001003 Unsufficient balance for this emoney owner
        The wallet holds too little money of the user whom this transaction would take it from.
        > Go back the way the money came: refund the transfer first, then the pay-in before it.
    001011 Transaction amount is higher than maximum permitted amount
        The amount is above the most that the payment method or the platform's contract allows at once.
        > Split the payment, or ask Mangopay's support for a higher limit (for cards it is 2,500 EUR unless agreed).
    001012 Transaction amount is lower than minimum permitted amount
        The amount is below the least that this kind of transaction allows.
        > Choose a larger amount; several small payouts can be made as one.
    001013 Invalid transaction amount
        The payer's bank rejected the amount.
        > The payer can ask their bank for the reason, or pay in another way.
    001014 CreditedFunds must be more than 0 (DebitedFunds can not equal Fees)
        The fees would have taken the whole amount and left nothing to credit.
        > Set the fees below the amount that is debited.
    101108 Transaction refused: the Debited Wallet and the Credited Wallet must be different
        The money would have gone from a wallet to the same wallet.
        > Choose another wallet to debit or to credit.

Closed users
    002601 User owning debited wallet is closed and cannot transfer to another wallet
        The user whose wallet was to be debited has been closed and can send nothing any more.
        > Closing cannot be undone. If money is left in the wallet, contact Mangopay's support.
    002602 User owning credited wallet is closed and and cannot receive funds from another wallet
        The user who was to receive the money has been closed and can receive nothing any more.
        > Closing cannot be undone: send the money to another user, or have the person start as a new one.

User category
    002701 Users with category PAYER cannot make transfers to other users with category PAYER.
        The user is only a payer, who may neither send money to another payer nor be paid out like an owner.
        > Make the user an owner first. To give a pay-in back by payout, refer to that pay-in in the payout.
    002702 Users with category PAYER cannot receive transfers from users with category OWNER.
        An owner wanted to send money to a user who is only a payer.
        > Make the receiving user an owner first, or give the money back by refunding the original transfer.
    002703 Refused due to user\u2019s UserCategory: PAYER
        The user is only a payer, and what was asked for, such as a virtual account of their own, is for owners.
        > Make the user an owner first: complete their details and have them accept Mangopay's terms.
    002704 Users in PENDING_USER_ACTION status cannot create transfers
        The user has not finished strong customer authentication, so the transfer was refused.
        > Send the user a new authentication link, and transfer again once the user is active.

Strong customer authentication
    007101 Transfer authentication failed. Please retry with a new request.
        The user tried to confirm the transfer too many times without success.
        > Create the transfer again and send the user to its new link.
    007102 Transfer authentication expired. Please initiate a new request.
        The user did not confirm the transfer within the 10 minutes that its link lives.
        > Create the transfer again while the user is there to confirm it.

Verification of users (KYC)
    002981 The user is not KYC-validated
        This can only be done for a verified user, and this one's KYC level is not Regular.
        > Have the user verified first, then try again.
    002996 Blocked due to User Balance limitations (maximum owned amount reached)
        The user owns more than an unverified user may, so no money can leave until they are verified.
        > Have the user verified; meanwhile money can still come in.
    002997 Blocked due to KYC limitations (maximum debited or credited amount reached)
        The amount goes beyond what the user may move without being verified.
        > Have the user verified, then try again.
    002998 Blocked due to the Bank Account User's KYC limitations (maximum debited or credited amount reached)
        The owner of the bank account to be paid is not verified, or not enough for this amount.
        > Have the owner of the bank account verified, then create the payout again.
    002999 Blocked due to a Debited User's KYC limitations (maximum debited or credited amount reached)
        The amount goes beyond what the owner of the debited wallet may move without being verified.
        > Have the owner of the debited wallet verified, then try again.

Refunds
    001401 Transaction has already been successfully refunded
        All of the original transaction has already been given back.
        > Nothing is left to do: the refunds are listed with the original transaction.
    001403 The transaction cannot be refunded (max 11 months)
        The original transaction is more than 11 months old, which is too old for a refund.
        > Give the money back in another way, such as a payout to a bank account of the user.
    001404 No more refunds can be created against this transaction
        Mangopay allows no further refund of the original transaction.
        > Look at the refunds and the disputes of the original transaction: the money may already be back.
    001405 The initial transaction occured less than 7 days ago
        The direct debit is less than 7 days old, and the payer's bank may still take it back by itself.
        > Refund from the 8th day after the pay-in.
    005403 The refund cannot exceed initial transaction amount
        Together with earlier refunds, this one would give back more than the original transaction brought.
        > Refund at most what is left.
    005404 The refunded fees cannot exceed initial fee amount
        The refund would give back more fees than were taken from the original transaction.
        > Give back at most the fees that are left.
    005405 Balance of client fee wallet unsufficient
        The platform's fees wallet holds too little to give back the fees in this refund.
        > Refund without giving fees back, or wait until new fees have come in.
    005406 Another refund for this transaction is still pending.
        An earlier refund of the same transaction has no result yet.
        > Wait for that result, then see what is left to refund.
    005407 Duplicated operation: you cannot reimburse the same amount more than once for a transaction during the
            same day.
        The same amount of this transaction was already refunded in the last 24 hours, so this looks like a duplicate.
        > Check whether the earlier refund is the one you meant; if not, wait 24 hours or choose another amount.
    005408 Due to repudiations against this transaction, you can not refund this amount.
        The payer has already demanded the money back through their bank, so it cannot be refunded as well.
        > Look at the disputes of the pay-in and settle the matter there.

Settlement of lost disputes
    003010 The total DebitedFunds settled cannot exceed the initial transaction DebitedFunds available for settlement
        Together with earlier settlements, this one would take more than the disputed pay-in leaves to settle.
        > Settle at most what is left of the disputed pay-in.
    003011 The total Fees settled cannot exceed the initial transaction Fees available for settlement
        Together with earlier settlements, this one would give back more fees than the disputed pay-in had.
        > Give back at most the fees that are left.
    003012 The repudiation has already been successfully settled
        The lost dispute has already been settled in full.
        > Nothing is left to do: the settlements are listed with the dispute's transactions.

Conversions
    004801 Conversion could not be debited from wallet
        The money could not be taken from the wallet, most often because another transaction used it at that moment.
        > Look at the wallet's balance and latest transactions; if the money is there, convert again.
    004802 Conversion failed during conversion operation
        The service that exchanges currencies could not complete the conversion.
        > Look at both wallets, then convert again; at weekends, conversions outside market hours must be activated.
    004803 Conversions while market is closed are not enabled. Contact your support to activate this feature.
        The currency market was closed, and this platform may only convert while it is open.
        > Convert when the market is open, or ask Mangopay's support to activate conversions outside its hours.

Payouts
    101119 Invalid or missing bank details
        The details of the bank account to be paid are incomplete or wrong.
        > Check them with the user and have the account registered again as a recipient.
    121001 The bank wire has been refused
        Mangopay refused the payout, or it was cancelled at the user's wish.
        > Ask the user whether they cancelled it; if not, ask Mangopay's support for the reason.
    121002 The author is not the wallet owner
        The user named as the payout's author does not own the wallet to be debited.
        > Name the wallet's owner as the author, or pay out from a wallet of the author.
    121003 Insufficient wallet balance
        The wallet held less than the payout needs.
        > Pay out at most the wallet's balance, or wait until more money has come in.
    121004 Specific case: please contact our Finance Team
        The payout failed for an unusual reason that only Mangopay's finance team can tell.
        > Contact Mangopay's support with the id of the payout.
    121005 Refused due to the Fraud Policy
        The payout broke one of Mangopay's rules against fraud.
        > Do not simply repeat it: see whether the user is blocked, then contact Mangopay's support.
    121006 The associated bank account is not active
        The bank account or recipient to be paid has been deactivated, which is final.
        > Have the user register the account again and pay out to the new recipient.
    121007 The author is not the bank account owner
        The bank account to be paid belongs to another user than the author of the payout.
        > Pay out to a recipient of the author.
    121009 Payout expired before processing
        The payout waited for 7 days, usually for a review by Mangopay, and expired; the wallet was not debited.
        > Create the payout again; if it expires again, contact Mangopay's support.
    121010 Remitter or beneficiary identified as requiring further analysis
        A routine screening wants a closer look at the sender or the receiver of the payout.
        > Contact Mangopay's support and have the details and documents of both at hand.
    121012 Inapproriate bank account type used
        The bank account was registered as the wrong kind, for instance without an IBAN where its country uses one.
        > Have the account registered again in the form that its country uses.
    121018 This payout uses a non-SCA compliant bank account. Please create via the recipient endpoint and try again.
        The bank account was registered in the old way, without the user's authentication, and cannot be paid.
        > Have the user register the account as a recipient and pay out to that.
    121019 Payout refused because the bank account address is formatted as an unstructured string in AddressLine1
            (created via an API v2 endpoint). Re-register as a Recipient and try again.
        The bank account dates from Mangopay's first API, with its owner's address in one line, and cannot be paid.
        > Have the user register the account as a recipient and pay out to that.
    121030 Verification of Payee failed: account name and IBAN do not match. Please provide matching details to
            proceed with the payout
        The bank was asked whether the name belongs to the IBAN (Verification of Payee) and did not confirm it.
        > Ask the user for the exact name on the account and have it registered again under that name.
    121999 Generic withdrawal error
        The payout failed, and Mangopay gives no closer reason.
        > Check the details of the recipient, then contact Mangopay's support with the id of the payout.

Instant payouts
    130001 The client's settings are incorrectly configured for instant payout
        Instant payouts are not activated for this platform.
        > Ask Mangopay's support to activate them, or pay out in standard mode.
    130002 The amount requested is greater than the authorised amount
        The amount is above what can be paid out instantly.
        > Pay out in standard mode, or in smaller parts.
    130003 The user is not KYC-validated
        Only verified users can be paid instantly, and this one is not.
        > Have the user verified first.
    130004 The user is blocked by Fraud policy
        Mangopay has blocked payouts of this user.
        > Look at the blocks of the user: the action code tells the reason and what is needed.
    130005 One or several required parameters are missing or incorrect. An incorrect resource ID also raises this
            kind of error.
        The instant payout was asked for with details that are missing or wrong.
        > Check the author, the wallet, the recipient and the amount.
    130006 technical error, please try again later
        A technical failure made the instant payout impossible.
        > Try again later, or pay out in standard mode.
    130007 Destination Bank is not reachable
        The receiving bank does not take instant payments, or cannot take any at the moment.
        > Pay out in standard mode.
    130008 Duplicate transaction identified
        The same amount was paid instantly to the same account in the last 24 hours, so this looks like a duplicate.
        > Check that nothing is paid twice by mistake; then pay out in standard mode or wait 24 hours.
    130009 The destination IBAN is not valid
        The IBAN to be paid does not exist in this form.
        > Check it with the user and have the right one registered as a new recipient.
    130010 Generic operation error
        The payout could not go out instantly, and no closer reason is given.
        > Pay out in standard mode.
    130011 Manual review required - not compatible with payout mode requested
        Mangopay wants to review the payout by hand, for which the mode "instant only" leaves no time.
        > Pay out in a mode that may become a standard payout.

Reports
    805001 There was an error validating your report request
        The report was asked for in a way that cannot be answered, so it was not made.
        > Check its dates, filters and columns, and ask again.
    809001 There was an error executing your report request
        Mangopay accepted the request but could not make the report.
        > Ask again, best for a shorter time; if it fails again, contact Mangopay's support.
"""
