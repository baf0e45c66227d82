"""One run of a study: how it is put together, trained and measured."""
