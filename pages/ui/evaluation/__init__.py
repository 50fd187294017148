"""The parts of the Evaluate page: each judges one network or two, side by side, by the same digits."""
