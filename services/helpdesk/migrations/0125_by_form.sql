-- Opened by the form of the portal, whose sender proved nothing of the address that was typed: its link shows nothing else.
ALTER TABLE ticket ADD COLUMN by_form boolean NOT NULL DEFAULT false;
UPDATE ticket SET by_form = true
WHERE (SELECT e.channel FROM entry e WHERE e.ticket_id = ticket.ticket_id AND e.kind = 'inbound'
       ORDER BY e.sequence LIMIT 1) = 'web';
