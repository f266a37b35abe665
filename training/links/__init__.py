"""Learning to link: which spans belong to one event, from gold events."""
