"""What each code of a refusal or a bad field says to a person: what is wrong, and how to mend it."""

from __future__ import annotations

from mtnet_contracts.vocabulary.limits import LARGEST_FILE_MEGABYTES, MOST_FILE_PAGES
from mtnet_contracts.vocabulary.texts import N_, P_

# What a text here may name, beside %(field)s, the name of the field.
LIMITS = {"megabytes": LARGEST_FILE_MEGABYTES, "pages": MOST_FILE_PAGES}

# Where the limit is known.
TOO_LONG_FOR = N_("%(field)s is too long; at most %(most)s characters")

ERRORS = {
    # Any field
    "REQUIRED": N_("Enter the %(field)s"),
    "NOT_VALID": N_("%(field)s is not valid. Enter it again"),
    "TOO_LONG": N_("%(field)s is too long. Shorten it"),
    "TOO_MANY": N_("%(field)s has too many entries. Send fewer"),
    "ONE_LINE": N_("%(field)s takes a single line. Remove the line breaks"),
    "NOT_A_CHOICE": N_("Choose one of the options for %(field)s"),
    "NOT_AN_OBJECT": N_("The data sent has the wrong format"),
    "UNKNOWN_FIELD": N_("A field was sent that this page does not have"),
    # Particular fields
    "NOTICE_NOT_AGREED": N_("Read the privacy notice and tick that you agree"),
    "NOTICE_OUTDATED": N_("The privacy notice has changed; read the new one and agree again"),
    "ID_NUMBER_INVALID": N_(
        "This is not a valid ID or resident number; check the letter and the 9 characters after it"
    ),
    "ACCOUNT_LENGTH": N_("The account name must have 8 to 20 characters"),
    "ACCOUNT_CHARACTERS": N_("Use letters and digits only; remove spaces and symbols"),
    "ACCOUNT_NAME_TAKEN": N_("This account name is taken. Choose another one"),
    "TOO_MANY_NAMES": N_("Too many account names were tried; try again in an hour"),
    "UNIFIED_BUSINESS_NUMBER_INVALID": N_("This is not a valid company number; check the 8 digits"),
    "NOTHING_CHANGED": N_(
        "Nothing has been changed. Correct what was marked, or tick the box to submit it as it is"
    ),
    "CASE_QUERY_INVALID": N_(
        "Enter a case number (PTAPPLY and 13 more characters) or a valid ID or resident number"
    ),
    "POSTAL_CODE_INVALID": N_("A postal code has 3, 5 or 6 digits"),
    "PHONE_INVALID": N_(
        "%(field)s is not a valid number; enter area code and number, for example 02-3343-6767"
    ),
    "PHONE_NEEDS_AREA_CODE": N_("Add the area code to %(field)s, for example 02-3343-6767"),
    "MOBILE_INVALID": N_("%(field)s must have 10 digits and begin with 09, for example 0912345678"),
    "EMAIL_INVALID": N_("%(field)s is not a valid address; for example name@example.com"),
    "SYSTEMS_REQUIRED": N_("Choose at least one system"),
    "DECLARATION_REQUIRED": N_("Tick the declaration before submitting"),
    # Codes
    "CODE_REQUIRED": P_("error", "Enter the code"),
    "TOO_MANY_GUESSES": N_("Too many wrong codes today; try again tomorrow or call the helpdesk"),
    "CODE_WRONG": N_("This code is not right. Check the latest message"),
    "CODE_EXPIRED": N_("This code has expired. Ask for a new one"),
    "CODE_VOID": N_("Too many wrong tries. Ask for a new code"),
    "TOO_SOON": N_("We have just sent one. Wait a minute, then try again"),
    "TOO_MANY_CODES": N_("You have asked for too many codes. Try again later or call the helpdesk"),
    "CONTACT_MISSING": N_("Enter this contact first"),
    "ALREADY_VERIFIED": N_("This contact is already confirmed"),
    "CONTACT_KNOWN": N_("Your account has this contact already. Enter another one"),
    "CONTACT_NOT_FOUND": N_("This contact, or the change you asked for, is not there any more. Start again"),
    "TOO_MANY_CONTACTS": N_("You have two of this kind already. Change one of them, or remove one first"),
    "LAST_EMAIL": N_("Your last e-mail address cannot be removed. Add another one first"),
    "UNDO_LINK_INVALID": N_("This link no longer works"),
    # LINE
    "LINE_LINK_INVALID": N_("This link is too old. Write anything in the chat of MTNet to get a new one"),
    "LINE_NO_FRIEND": N_(
        "MTNet is not your friend in LINE, or is blocked there. Add it, then use the new link"
    ),
    "LINE_AWAY": N_("LINE does not answer at present. Try again in a few minutes"),
    "WEBHOOK_SIGNATURE_WRONG": N_("The signature does not fit what was sent"),
    "WEBHOOK_UNREADABLE": N_("What was sent cannot be read"),
    # Webhooks of downstream systems
    "WEBHOOK_NOT_FOUND": N_("No system of this name has a webhook"),
    "WEBHOOK_PAUSED": N_("This webhook is paused already"),
    "WEBHOOK_NOT_PAUSED": N_("Nothing has stopped this webhook"),
    "WEBHOOK_ADDRESS_UNREADABLE": N_(
        "Enter an address like https://ships.example/events, without blanks and without #"
    ),
    "WEBHOOK_NOT_HTTPS": N_("The address must begin with https://"),
    "WEBHOOK_WITH_USER": N_("Leave out the user name and password: the signature says who sends"),
    "WEBHOOK_PORT": N_("Use port 443, or one from 1024 to 65535"),
    "WEBHOOK_HOST": N_("The name of the host is not right. Enter it as in ships.example.com"),
    "WEBHOOK_NUMBER": N_("Enter a name in place of the number: a certificate is made out to a name"),
    "WEBHOOK_NOT_PUBLIC": N_("This host is not on the public internet. Enter one that is"),
    "WEBHOOK_NAME_UNKNOWN": N_("DNS does not know this host. Check the name"),
    # Helpdesk
    "TICKET_NOT_FOUND": N_("There is no ticket with this number"),
    "TICKET_MERGED": N_("This ticket was merged into another one. Go on there"),
    "TICKET_CHANGED": N_(
        "Something has happened to this ticket since you opened it. Read what is new; what you wrote is kept"
    ),
    "STATE_NOT_ALLOWED": N_("From its present state the ticket cannot go there"),
    "NOT_AN_AGENT": N_("Choose somebody who works at the helpdesk"),
    "LEASED_BY_ANOTHER": N_("A colleague is answering this ticket at the moment"),
    "NO_WAY_BACK": N_("This person left no address to write to. Call them, or note an e-mail address first"),
    "SAME_TICKET": N_("Enter the number of another ticket"),
    "NOTHING_TO_UNDO": N_("There is nothing to undo any more"),
    "MERGED_OFTEN_ENOUGH": N_("So many tickets cannot be merged into one. Link them instead"),
    "LINKED_OFTEN_ENOUGH": N_("So many tickets are linked already"),
    "ENTRY_NOT_HERE": N_("Choose messages, answers, notes or calls of this ticket"),
    "NOTHING_LEFT": N_("At least one entry must stay in this ticket"),
    "REQUESTER_NOT_FOUND": N_("This person is not known here"),
    "SAME_REQUESTER": N_("They are one person already"),
    "TWO_ACCOUNTS": N_("Both have an account of their own, so they stay two"),
    "CANNED_ANSWER_NOT_FOUND": N_("This text is kept no more"),
    "CANNED_ANSWER_CHANGED": N_(
        "A colleague changed this text meanwhile. Look at the new one, then save again"
    ),
    "CANNED_ANSWERS_ENOUGH": N_("500 texts are kept. Remove one first"),
    "UNKNOWN_TEXT_FIELD": N_("Only {name}, {number}, {agent}, {subject} and {link} are filled in"),
    "HELD_ITEM_NOT_FOUND": N_("It is not held any more: somebody has decided"),
    "SAVED_VIEWS_ENOUGH": N_("You keep 20 views. Remove one first"),
    "QUICK_ANSWER_NOT_FOUND": N_("There is no such answer"),
    "QUICK_ANSWER_CHANGED": N_(
        "A colleague changed this answer meanwhile. Look at the new one, then save again; what you wrote is kept"
    ),
    "QUICK_ANSWER_RETIRED": N_("This answer is retired. Reopen it before you change it"),
    "QUICK_ANSWERS_ENOUGH": N_("As many answers are kept as can be. Retire what is not used any more"),
    "DECISION_NOT_ALLOWED": N_("This cannot be decided about the answer as it is now"),
    "DAYS_NOT_VALID": N_("Choose a last day that is not before the first one, at most a year later"),
    "SEARCH_NOT_READY": N_("The search is being made ready. Try again in a moment, or use the list"),
    "REVIEW_DAY": N_("Choose a day after today, within two years"),
    "NOT_ANSWERED_YET": N_("Answer the ticket first: the answer is what others need"),
    "PROPOSED_ALREADY": N_("The editors have not decided yet about what was proposed from this ticket"),
    "PERSONAL_DATA": N_("This may hold something of a person. Take it out, or say that none of it is"),
    "FAQ_DRAFT_NOT_FOUND": N_("There is no such draft"),
    "FAQ_DRAFT_CHANGED": N_(
        "A colleague changed this draft meanwhile. Look at the new one, then save again; what you wrote is kept"
    ),
    "FAQ_DRAFT_DECIDED": N_("This draft was published or declined already"),
    "DESK_LINK_INVALID": N_("This link does not work any more. Write to us again"),
    "TICKET_CLOSED": N_("This matter is closed. Write to us again if you need something else"),
    "WRITTEN_OFTEN_ENOUGH": N_("You have written a lot in the last hour. Wait a little, or call us"),
    "FILE_KIND": N_("Send a picture, a PDF, a text or an Office document without macros"),
    "FILE_INFECTED": N_("A virus was found in this file. Clean your computer, then send the file again"),
    "FILES_ENOUGH": N_("So many files were sent here today. Send the others tomorrow, or call us"),
    "FILES_GONE": N_("A file is not kept any more: files wait for a day. Untick it, and choose it again"),
    "NOT_RESOLVED_YET": N_("You can say how helpful we were once this matter is resolved"),
    # Files
    "FILE_MISSING": P_("error", "Choose a file"),
    "FILE_EMPTY": N_("The file is empty; scan it again"),
    "FILE_TOO_LARGE": N_("The file must be under %(megabytes)s MB; scan with a lower resolution"),
    "FILE_TYPE": N_("The file must be a PDF, JPG or PNG"),
    "FILE_UNREADABLE": N_("The file is damaged or cannot be opened; scan it again"),
    "FILE_ENCRYPTED": N_("The file has a password; remove it and upload again"),
    "FILE_TOO_MANY_PAGES": N_("The file must not have more than %(pages)s pages"),
    "FILE_TOO_MANY_PIXELS": N_("The picture is too large; lower its resolution"),
    "FILE_BLANK": N_("The page is blank; make sure the printed side was scanned"),
    "FORM_OF_ANOTHER_CASE": N_("This is the application form of another case. Upload the one for this case"),
    "FORM_OUTDATED": N_(
        "Your answers have changed. Download the application form again, stamp it and upload it"
    ),
    "CONTACT_NOT_VERIFIED": N_(
        "Confirm an e-mail address or mobile number before you download or upload the application form"
    ),
    "BUSY": N_("The system is busy. Try again in a few seconds; what you saved is safe"),
    "TOO_MANY_DOCUMENTS": N_(
        "The application form was downloaded or uploaded too often today; try again tomorrow or "
        "call the helpdesk"
    ),
    # Passwords
    "PASSWORD_TOO_SHORT": N_("The password needs at least 8 characters"),
    "PASSWORD_NEEDS_UPPER": N_("The password needs an upper-case letter"),
    "PASSWORD_NEEDS_LOWER": N_("The password needs a lower-case letter"),
    "PASSWORD_NEEDS_DIGIT": N_("The password needs a digit"),
    "PASSWORD_NEEDS_SPECIAL": N_("The password needs a special character such as ! @ #"),
    "PASSWORD_CONTAINS_ACCOUNT": N_("The password must not contain the account name"),
    "PASSWORD_CONTAINS_ID_NUMBER": N_("The password must not contain the ID number"),
    "PASSWORD_CONTAINS_MOBILE": N_("The password must not contain your mobile number"),
    "PASSWORD_CONTAINS_ORGANISATION": N_(
        "The password must not contain the name or company number of your organisation"
    ),
    "PASSWORD_TOO_COMMON": N_(
        "This password is easy to guess: it holds common words, dates or keys that lie side by side. Make it "
        "longer, or use several words that have nothing to do with each other"
    ),
    "PASSWORD_USED_BEFORE": N_("This is one of your last three passwords. Choose a new one"),
    "PASSWORD_TOO_NEW": N_(
        "You set your password only a short while ago. If somebody may have seen it, choose Forgotten password; "
        "otherwise change it later"
    ),
    "PASSWORDS_DIFFER": N_("The two passwords differ; enter them again"),
    "CURRENT_PASSWORD_WRONG": N_("This is not your current password. Enter it again"),
    "TOO_MANY_PASSWORDS": N_(
        "Too many wrong passwords. Wait 15 minutes, or set a new password by Forgotten password"
    ),
    "TOO_MANY_RESETS": N_(
        "A link was asked for too often. Look into your mailbox and its folder for junk mail; try again in an hour"
    ),
    "RESET_LINK_INVALID": N_(
        "A link works for 30 minutes, and no more once another link was used. Ask for a new one"
    ),
    "RESET_LINK_USED": N_("A new password was set with this link. Log in with the new password."),
    # Entering
    "LOGIN_FAILED": N_(
        "Account name or password is wrong, or there were too many wrong tries. After 5, wait 15 minutes"
    ),
    "CONSENT_REQUIRED": N_("Read the new privacy notice and agree to it first"),
    "SECOND_FACTOR_REQUIRED": N_("Log in with two steps: your password, then a code or a passkey"),
    "NOTICE_NOT_VALID": N_("This link no longer works"),
    "SECOND_FACTOR_WRONG": N_(
        "This code is not right, was used already, or there were too many wrong tries. Wait for the next code; "
        "after 5 wrong ones, wait 15 minutes"
    ),
    "LOGIN_EXPIRED": N_("The login took too long. Enter your password again"),
    "NOTHING_BEGUN": N_("The key was shown too long ago. Start again with the new one"),
    "SECOND_FACTOR_NEEDED": N_(
        "Your role needs two-step verification, and this is the last way you have. Add another one first"
    ),
    "NO_SECOND_FACTOR": N_("Set up two-step verification first"),
    "TOO_MANY_PASSKEYS": N_("You have 10 passkeys. Remove one before you add another"),
    "PASSKEY_REFUSED": N_("The passkey could not be added. Try again"),
    "PASSKEY_NOT_FOUND": N_("You have no such passkey"),
    "ACCOUNT_FROZEN": N_("The account is frozen"),
    "ACCOUNT_DISABLED": N_("The account is disabled"),
    "NEW_PASSWORD_REQUIRED": N_(
        "For your safety this account needs a new password. Choose Forgotten password and follow the link in the mail"
    ),
    "PASSWORD_EXPIRED": N_(
        "Your password has been in use for too long. Choose Forgotten password and set a new one by the link in the "
        "mail"
    ),
    "SESSION_NOT_FOUND": N_("There is no such login; it may have ended long ago"),
    "SESSION_ENDED": N_("Your session has ended; log in again"),
    "NOT_SIGNED_IN": N_("Log in first"),
    "CONFIRMATION_REQUIRED": N_("Confirm that it is you, then try again"),
    "CONFIRMATION_FAILED": N_(
        "The password is wrong, or there were too many wrong tries. After 5, wait 15 minutes"
    ),
    "NOT_ALLOWED": N_("Your account is not allowed to do this"),
    "ACTIVATION_LINK_INVALID": N_("This link no longer works"),
    "NOT_AWAITING_ACTIVATION": N_("The account is active already; log in"),
    # Closing an account, and runs of the lifecycle
    "ACCOUNT_NAME_DIFFERS": N_("This is not the name of your account; enter it as it is shown on My account"),
    "ACCOUNT_NOT_FOUND": N_("There is no account of that name, or it is closed already"),
    "STAFF_ACCOUNT": N_("Accounts of staff are closed by an operator; write to service@mtnet.gov.tw"),
    "OWN_ACCOUNT": N_("You cannot close your own account here; another operator has to do it"),
    "LIFECYCLE_RUN_NOT_FOUND": N_("There is no report of this run any more; reports are kept for two years"),
    # Reactivation, faults and shifts of the helpdesk
    "NOTHING_TO_REACTIVATE": N_("This account is neither frozen nor disabled"),
    "OWN_REACTIVATION": N_("This is your own account, or that of the same person; a colleague has to do it"),
    "STATEMENT_NOT_VALID": N_("The account was looked up too long ago; send the form once more"),
    "REACTIVATION_NOT_FOUND": N_("There is no such case"),
    "REACTIVATION_OPEN": N_("There is a case for this account already"),
    "REACTIVATION_CHANGED": N_("Somebody worked on the case while you were reading; look at it again"),
    "REACTIVATION_DECIDED": N_("The case is decided already"),
    "REACTIVATION_NOT_CHECKED": N_("Somebody has to check the evidence first"),
    "SECOND_PERSON_NEEDED": N_("You checked the evidence, so somebody else has to decide"),
    "CHECKS_MISSING": N_("Tick everything, or do not accept the evidence"),
    "DAY_TO_COME": N_("%(field)s must not be in the future"),
    "FAULT_NOT_FOUND": N_("There is no such fault"),
    "FAULT_CHANGED": N_("Somebody changed the fault while you were reading; look at it again"),
    "FAULT_RESOLVED": N_("The fault is solved; if it has come back, record another one"),
    "STARTS_LATER": N_("%(field)s must not be in the future"),
    "TOO_MANY_REPORTS": N_("A fault takes at most 500 tickets; record another one for the rest"),
    "SHIFT_OVER": N_("This shift is over"),
    "SHIFT_TOO_FAR": N_("The roster goes 92 days ahead"),
    "SHIFT_OF_ANOTHER": N_("Only a team lead changes the shifts of others"),
    "SHIFT_FULL": N_("Ten people are on this shift already"),
    "HANDOVER_NOT_FOUND": N_("There is no such report"),
    "OWN_HANDOVER": N_("You wrote this report, so a colleague has to take over"),
    "ACKNOWLEDGED_ALREADY": N_("Somebody has taken over already"),
    # Messages to many
    "LINK_NOT_ALLOWED": N_(
        "%(field)s holds an address that cannot be linked to; write one that begins with https://"
    ),
    "BROADCAST_NOT_FOUND": N_("There is no such broadcast"),
    "BROADCAST_NOT_NOW": N_("This cannot be done with the broadcast any more; look at where it is now"),
    "BROADCAST_CHANGED": N_("Somebody changed the broadcast while you were reading; look at it again"),
    "BROADCAST_NOT_COUNTED": N_("Count who is reached before you start the broadcast"),
    "NOBODY_REACHED": N_("Nobody of this segment can be reached; choose another one"),
    "NUMBER_DIFFERS": N_("This is not the number of people it goes to; look at the count and type it"),
    "START_NOT_VALID": N_("Enter a time in the future, within a year"),
    # Applications
    "INVALID": N_("Correct the fields marked"),
    "SYSTEM_NOT_FOUND": N_("Your system has nothing under this name"),
    "ACCOUNT_NOT_ACTIVE": N_("The account cannot be used at present"),
    "CLIENT_NOT_PROVED": N_("There is no such system, or its secret is wrong or has ended"),
    "CLIENT_TOKEN_INVALID": N_("The access token is not valid any more. Get a new one"),
    "CLIENT_SUSPENDED": N_("The system is suspended. Ask the operators of the portal"),
    "SCOPE_MISSING": N_("The access token does not allow this. The operators grant what a system may ask"),
    "SCOPE_NOT_GRANTED": N_("The system was not granted this, or the grant has ended. Ask the operators"),
    "APPLICATION_TOKEN_INVALID": N_("Start an application, or continue a saved one with its case number"),
    "NOT_EDITABLE": N_("The application has been submitted and cannot be changed now"),
    "ANSWERS_CHANGED": N_(
        "This has been changed in another window since you opened it. Check it below, then press "
        "the button again"
    ),
    "SECTION_NOT_ASKED": N_("Your type of applicant does not need this page"),
    "INCOMPLETE": N_("Something is still missing"),
    "NOT_WITHDRAWABLE": N_("The application cannot be withdrawn now"),
    "NOT_SUBMITTED": N_("Not submitted yet, so there is no receipt"),
    "TOO_MANY_APPLICATIONS": N_("Too many applications were started from this network. Try again in an hour"),
    "IDEMPOTENCY_KEY_REUSED": N_("This form was sent already; reload the page"),
    # Personal data
    "REQUEST_OPEN": N_(
        "Your last request of this kind is not answered yet. Wait for the answer, or withdraw it"
    ),
    "TOO_MANY_REQUESTS": N_(
        "You have sent ten requests in thirty days. Try again later or call the helpdesk"
    ),
    "REQUEST_NOT_FOUND": N_("There is no such request"),
    "REQUEST_CLOSED": N_("This request is closed already"),
    "EXTENDED_ALREADY": N_("The time was extended before; that is possible once only"),
    "NOT_CARRIED_OUT": N_("There is nothing to carry out here; answer the request instead"),
    # Messages, and how people are told
    "MESSAGE_NOT_FOUND": N_("There is no such message; messages are kept for 180 days"),
    "NOT_SENT_AGAIN": N_("This message held a link or code that works once. Ask for a new one instead"),
    "SENT_OFTEN_ENOUGH": N_(
        "This message was sent again a moment ago, or often enough. It stands here in full; try again later"
    ),
    "NOT_CHOOSABLE": N_("This channel cannot be chosen here. Choose one of those shown"),
    "CASE_HAS_ACCOUNT": N_(
        "The account for this application is open. Log in, and choose under My account how you are told"
    ),
    "ACCOUNT_CLOSED": N_("This account is closed"),
    "FAX_AWAY": N_("No fax can be sent now. Try again later"),
    "FAX_INVALID": N_(
        "%(field)s is not a fax number in Taiwan; enter area code and number, without an extension, "
        "for example 02-3343-6767"
    ),
    "TOO_MANY_FAXES": N_(
        "Three codes a day are sent by fax, to one number and for one account. Try again tomorrow"
    ),
    # Review
    "CASE_NOT_FOUND": N_("No such case, or it is not your unit's"),
    "DELIVERY_NOT_FOUND": N_("This message is not there any more"),
    "STILL_ON_ITS_WAY": N_("It is still on its way, and is tried again by itself"),
    "NOT_SENT_TWICE": N_(
        "It held a code or a link that works once, or has run out. Ask the person to have a new one sent"
    ),
    "ADDRESS_SUPPRESSED": N_(
        "Nothing is sent to this address, since mail came back. Take it off that list first"
    ),
    "TEMPLATE_CHANGED": N_(
        "Somebody else saved or published this text meanwhile. Yours is still here: compare the two, then save it again"
    ),
    "TEMPLATE_UNCHANGED": N_("Messages are already written with this text"),
    "TEMPLATE_FAULTY": N_("The text cannot be used like this. Mend what is marked, then try again"),
    "TEMPLATE_NOT_FOUND": N_("There is no such text or version"),
    "NO_OWN_CONTACT": N_("Your account has no confirmed contact that a test could be sent to"),
    "TOO_MANY_TESTS": N_("You have sent many tests within an hour. Wait a while, or look at the preview"),
    "STALE_VERSION": N_("The case changed while you were reading; look at it again, then decide"),
    "NOT_CLAIMED": N_("Claim the case before you decide it"),
    "CLAIMED_BY_ANOTHER": N_("Somebody else is working on this case"),
    "CASE_NOT_OPEN": N_("The case is not open"),
    "OWN_CASE": N_("You cannot decide on your own case"),
    "LAST_STAGE": N_("This is the last stage; approve instead"),
    "NOT_LAST_STAGE": N_("There is another stage; forward instead"),
    "REASONS_REQUIRED": N_("Mark at least one field when you return a case"),
    "REASON_DOES_NOT_FIT": N_("%(field)s cannot be marked for this reason. Choose another"),
    "REASON_REQUIRED": N_("Enter why you need to see it"),
    "PAGE_NOT_FOUND": N_("There is no such page"),
    "LINK_NOT_VALID": N_("This link does not work. Open it from the mail once more"),
    "SUPPRESSED_ALREADY": N_("This address is on the list already"),
    "SUPPRESSION_NOT_FOUND": N_("There is no such entry. Search the list again"),
    "SUBSCRIBER_NOT_FOUND": N_("There is no such system. Search the list again"),
    "BROKER_AWAY": N_(
        "The broker does not answer just now. What is on record is safe; try again in a moment"
    ),
    "SUBSCRIBER_STATE": N_("Somebody else did this meanwhile. Look at the system again"),
    "SYSTEM_NAME_INVALID": N_("Use 2 to 30 small letters, digits and hyphens, with a letter first"),
    "SYSTEM_NAME_TAKEN": N_("There is a system of this name, or was one. Choose another name"),
    "SYSTEM_NAME_DIFFERS": N_("This is not its short name. Enter it exactly"),
    "EVENT_UNKNOWN": N_("One of the events does not exist. Choose from the list"),
    "EVENT_NEVER_GRANTED": N_("One of the events is for the portal's own services only. Leave it out"),
    "EVENT_NOT_GRANTED": N_("The system does not get this event any more"),
    "SCOPE_NOT_HELD": N_("The system may not ask this any more"),
    "SCOPE_END_REQUIRED": N_("Enter a last day, a year from today at the latest"),
    "DAY_OVER": N_("This day is over. Enter today or a later day"),
    "GRANT_END_REQUIRED": N_(
        "One of the events holds personal data: enter a last day, a year from today at the latest"
    ),
    "TWO_SECRETS": N_("Two secrets work already. Enter 0, so that both end at once"),
    "LIFTED_ALREADY": N_("This address is off the list already"),
    "PROVIDER_PAUSED": N_("Somebody has paused this provider already"),
    "PROVIDER_NOT_PAUSED": N_("This provider is not paused, or somebody has let it go on"),
    "CHOOSE": N_("Choose the %(field)s"),
    "ACTIVATION_LINK_USED": N_("This link has been used and the account is active. Log in"),
}
