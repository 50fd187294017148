"""The views of the page Inside the network, and what they share: the digit that is looked at, the neuron, the drawing."""
