"""Do the items measure what they are meant to? Factor models, and what follows from them."""
