"""The client of Mangopay's API v2.01: what the docs call View is `get_`, List is `list_`, Create is `create_`."""
