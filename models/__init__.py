"""What the dashboard knows: tables, wire types, money and rules. Nothing here does I/O or asks the clock."""
