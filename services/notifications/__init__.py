"""Mangopay's notifications: received, stored, shown."""
