"""Do the items measure what they are meant to? Factor models by maximum likelihood, and what follows from them."""
