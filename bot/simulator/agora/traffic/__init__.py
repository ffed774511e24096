"""What goes on in a project: a function of seed, time and what was injected, so the past is always there."""
