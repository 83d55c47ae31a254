"""How good lists, probabilities and ratings are, person by person, and whether a difference between models is real."""
