"""What a network's mistakes are, how sure it is, and what it stands: arrays in, pandas frames out. Knows no screen."""
