-- What the desk has before it, of one channel or one system: few of many live tickets, by what is due next.
CREATE INDEX ticket_live_channel ON ticket (channel, due_at, ticket_id) WHERE live;
CREATE INDEX ticket_live_category ON ticket (category, due_at, ticket_id) WHERE live;
