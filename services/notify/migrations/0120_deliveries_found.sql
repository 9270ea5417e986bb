-- What operators look for: whatever tells a case number or an account name, whatever went to an address, a kind.
CREATE INDEX message_of_case ON message ((details ->> 'case_number'), created_at DESC) WHERE details ? 'case_number';
CREATE INDEX message_of_account_name ON message (lower(details ->> 'account_name'), created_at DESC)
    WHERE details ? 'account_name';
CREATE INDEX message_of_kind ON message (kind, created_at DESC, message_id);
CREATE INDEX delivery_to ON delivery (lower(recipient));
CREATE INDEX delivery_by_state ON delivery (state, channel) WHERE state <> 'delivered';
