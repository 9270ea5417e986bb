"""Local stand-ins for a mail server and message gateways, with one page that shows what people would receive."""
