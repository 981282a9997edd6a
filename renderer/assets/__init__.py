"""What the replayed page asks for: pictures, fonts and stylesheets, from a cache on disk or a guarded fetcher.

Chromium has no network: `capture` intercepts each of its requests and answers with what `library.AssetLibrary` gives.
"""
