"""Privacy: what may not enter, and who stays recognisable only to whoever holds the key."""
