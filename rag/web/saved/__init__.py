"""The tab of saved answers: found, opened as they were, passed on, removed."""
