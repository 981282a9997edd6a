"""Asking PostHog over HTTP: one client, what its answers mean, how long it is waited for."""
