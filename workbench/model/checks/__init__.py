"""What is refused before anything is built, in words of those who wrote it."""
