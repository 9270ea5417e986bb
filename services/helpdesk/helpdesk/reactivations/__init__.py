"""復用: evidence of whose an account is, judged by two people."""
