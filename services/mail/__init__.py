"""Letters, and the two ways they leave: over SMTP or, in Local, into the terminal and onto a page."""
