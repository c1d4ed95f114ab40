"""Who may come in: accounts and their passwords, one-time links, sessions."""
