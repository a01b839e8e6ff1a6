"""Who may do what: accounts, sessions, bearer tokens, and the record of who saw whom."""
