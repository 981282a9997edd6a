"""The recording itself: what PostHog lists of it, how it comes to a file, where that is kept."""
