"""si_research: do people innovate when they kunnen, willen and mogen?"""
