"""How good each scale is."""
