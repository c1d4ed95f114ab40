"""Operations: read what they meet, prepare them, send each once, find out what became of it."""
