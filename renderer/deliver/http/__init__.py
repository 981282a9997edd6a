"""One HTTP client for all ticket systems."""
