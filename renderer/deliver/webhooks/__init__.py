"""News of clips on their way to addresses that callers chose: Standard Webhooks."""
