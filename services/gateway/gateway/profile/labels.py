"""What the entries of one's own history are called."""

from __future__ import annotations

from mtnet_contracts.vocabulary.texts import N_, P_

CATEGORIES = {
    "logins": N_("Logins"),
    "changes": P_("history", "Changes"),
    "looks": N_("Who looked at my data"),
}
ACTIONS = {
    # Logins
    "logged_in": N_("Logged in"),
    "login_failed": N_("Login failed: the password was wrong, or there were too many tries"),
    "login_refused": N_("Login refused: the account was frozen or disabled"),
    "second_step_failed": N_("Login failed: the second step was wrong"),
    "session_ended": N_("A session was ended"),
    # Who looked
    "id_number_revealed": N_("A reviewer saw the full ID number"),
    "form_viewed": N_("A reviewer opened the application form"),
    "personal_data_viewed": N_("The data of the account were looked at"),
    "account_looked_up": N_("The helpdesk looked up the account to reactivate it"),
    "account_told": N_("A system that the account is for looked it up"),
    "account_statement_signed": N_("A system that the account is for got a signed statement of who it is"),
    "own_data_exported": N_("A copy of all data was made"),
    # Changes
    "profile_changed": N_("Details were changed"),
    "contact_change_requested": N_("A new contact was asked for"),
    "contact_changed": N_("The contacts were changed"),
    "contact_change_undone": N_("A change of contacts was undone"),
    "notifications_changed": N_("How you are told was changed"),
    "line_linked": N_("LINE was linked"),
    "line_unlinked": N_("LINE was unlinked"),
    "fax_number_added": N_("A fax number was added"),
    "fax_number_removed": N_("The fax number was removed"),
    "identity_confirmed": N_("It was confirmed once more who is logged in"),
    "confirmation_failed": N_("A confirmation with the password failed"),
    "account_reactivated": N_("The account was reactivated"),
    "account_frozen": N_("The account was frozen"),
    "account_disabled": N_("The account was disabled"),
    "account_closed": N_("The account was closed"),
    "reviewer_made": N_("The account became a reviewer's"),
    "reviewer_unmade": N_("The account is a reviewer's no more"),
    "desk_person_made": N_("The account got a role at the helpdesk"),
    "desk_person_unmade": N_("The account has no role at the helpdesk any more"),
    "password_changed": N_("The password was changed"),
    "password_reset_requested": N_("A link for a new password was asked for"),
    "password_reset": N_("A new password was set by a link"),
    "new_password_required": N_("A new password was made necessary"),
    "totp_added": N_("An authenticator app was set up"),
    "totp_removed": N_("The authenticator app was removed"),
    "passkey_added": N_("A passkey was added"),
    "passkey_removed": N_("A passkey was removed"),
    "recovery_codes_issued": N_("New recovery codes were made"),
    "second_factors_reset": N_("Two-step verification was reset"),
    "second_step_asked": N_("The password was right; the second step was asked for"),
    "device_forgotten": N_("A device was forgotten"),
    "login_disowned": N_("A login was said to be somebody else's; the account was protected"),
    "notice_agreed": N_("The privacy notice was agreed to"),
    "notice_declined": N_("The privacy notice was not agreed to"),
    "privacy_request_received": N_("A right to personal data was asked for"),
    "privacy_request_withdrawn": N_("A request for personal data was withdrawn"),
    "privacy_request_answered": N_("A request for personal data was answered"),
    "privacy_request_refused": N_("A request for personal data was refused"),
    "privacy_request_extended": N_("The time to answer a request was extended"),
}
OTHER = {
    "logins": N_("Login"),
    "changes": N_("Something about the account was changed"),
    "looks": N_("Data were looked at"),
}
BY = {
    "owner": N_("You"),
    "staff": N_("The bureau's staff"),
    "somebody": N_("Somebody who had not logged in"),
    "system": N_("The system"),
}
# Items of one's own data.
FIELDS = {
    "phone": P_("own", "Telephone number"),
    "fax": P_("own", "Fax number"),
    "department": P_("own", "Department"),
    "title": P_("own", "Job title"),
    "locale": N_("Language of mails"),
}
