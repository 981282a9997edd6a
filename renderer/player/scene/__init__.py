"""What the overlays draw: everything that the page must know before its first picture."""
