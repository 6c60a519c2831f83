"""The tab that tells administrators how the server is set up."""
