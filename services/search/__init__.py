"""What is this id, who is this: objects by id, users by name."""
