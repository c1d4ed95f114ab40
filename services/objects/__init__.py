"""What people see and change of Mangopay's objects: each function asks who is asking."""
