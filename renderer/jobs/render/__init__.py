"""One render in a process of its own: killable, limited in time and memory, and watched by who started it."""
