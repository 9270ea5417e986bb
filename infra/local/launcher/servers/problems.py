"""What can be wrong on this machine, said in a sentence that tells the reader what to do."""


class ServerProblem(Exception):
    """A server cannot be prepared, started or reached; the text is meant for a person."""
