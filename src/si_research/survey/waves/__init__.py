"""The same people measured more than once: waves in names, long and wide, instruments that changed."""
