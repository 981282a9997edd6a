"""The HTTP API: translates requests and answers, reads and enqueues, decides nothing. The only room that knows FastAPI."""
