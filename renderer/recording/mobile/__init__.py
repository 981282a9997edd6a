"""PostHog's mobile recordings (iOS, Android, React Native, Flutter): wireframes become the rrweb events that the player takes.

A recorder sends boxes on the screen (`data.wireframes`, later `updates`, `adds`, `removes`) where a web recorder sends a
document. `convert` reads one window in order; `screen` keeps what is on the screen; `wireframe` reads what was sent;
`dialog` tells windows that do not fill it; `drawing` makes elements of it; `tree` tells what changed; `touches` what fingers did.
"""
