"""What an operator needs at a glance, each figure got in a few calls and never by walking a list."""
