"""What organisations and evaluators come for: where the bottleneck is, and what a scheme did."""
