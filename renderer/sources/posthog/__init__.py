"""PostHog as a source of recordings: its session recordings API, its events by HogQL, its filters."""
