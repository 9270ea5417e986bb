"""Events of downstream systems for their webhooks: taken from their queues, signed, sent, tried again, on record."""
