-- Which cases have their evidence in a ticket.
CREATE INDEX reactivation_case_reference ON reactivation_case (reference, position);
