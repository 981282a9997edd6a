"""How views look: each becomes an element of HTML in its place on the screen. `artist` is the way in."""
