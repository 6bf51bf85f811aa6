"""The claim under test: models of innovative behaviour on kunnen, willen and mogen."""
