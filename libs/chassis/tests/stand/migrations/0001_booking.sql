CREATE TABLE booking (
    place      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    handler    text   NOT NULL,
    event_id   uuid   NOT NULL,
    account_id uuid   NOT NULL,
    number     bigint NOT NULL
);
CREATE TABLE wish (wish text PRIMARY KEY, times integer NOT NULL);
CREATE TABLE account (account_id uuid PRIMARY KEY, last_number bigint NOT NULL);
