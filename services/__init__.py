"""What the dashboard does: everything that talks to a database, a network or the clock."""
