"""News and status feeds, in stages: fetch bytes, parse them into values, store what is new."""
