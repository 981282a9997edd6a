"""From bytes in any shape and compression to the events in them."""
