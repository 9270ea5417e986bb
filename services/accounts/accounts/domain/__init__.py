"""The rules of applications and accounts. Standard library only; clock, ids and chance come in as arguments."""
