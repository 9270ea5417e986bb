"""What accounts needs beside its database: secrets, hashes, phone numbers, documents, uploads."""
