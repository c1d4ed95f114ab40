"""What the dashboard shows: the pages, and the root ASGI function in front of them."""
