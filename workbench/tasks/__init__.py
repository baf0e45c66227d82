"""Tasks, one to a file, offered through the same hook as anybody else's."""
