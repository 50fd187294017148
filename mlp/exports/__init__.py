"""Taking things away: a network as a program, a page, an ONNX model; a run as a card, a table, figures. Knows no screen."""
