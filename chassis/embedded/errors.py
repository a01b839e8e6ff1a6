class EmbeddedError(Exception):
    """Why an embedded server cannot run, as one sentence for the person at the terminal.

    When it is raised, nothing that the failed start had begun is still running.
    """
