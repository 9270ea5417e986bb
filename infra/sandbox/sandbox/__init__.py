"""Local stand-ins for a mail server and an SMS company, with one page showing what people would receive."""
