"""The reader: the network that judges whether a passage answers a question, and with which characters."""
