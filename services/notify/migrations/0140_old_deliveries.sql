-- What stood in for another may outlive it when old rows are removed batch by batch.
ALTER TABLE delivery DROP CONSTRAINT delivery_fallback_from_fkey,
    ADD CONSTRAINT delivery_fallback_from_fkey FOREIGN KEY (fallback_from) REFERENCES delivery (delivery_id)
    ON DELETE SET NULL;
