"""Operations: what an operator can have done at Mangopay, how it is filled in and sent, and what speaks against it."""
