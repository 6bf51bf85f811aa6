"""How far one condition can make up for another: power means, their profile, and rival forms side by side."""
