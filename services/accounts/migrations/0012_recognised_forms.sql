-- Whether the portal's code was read on the sheet; what was uploaded before this column is not known.
ALTER TABLE form_file ADD COLUMN recognised boolean;
