"""Mangopay's objects as people look at them: which kinds there are, what each one shows, and what belongs to it."""
