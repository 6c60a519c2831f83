"""The tab in which documents are added, looked at and taken out, and the updates of the index this brings about."""
