"""Tables, pictures, words and pages, rendered from results."""
