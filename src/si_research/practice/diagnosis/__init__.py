"""The bottleneck of each organisation, department or team, with how sure one can be of it."""
