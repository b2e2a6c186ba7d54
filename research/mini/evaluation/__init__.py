"""How good the bundled model is, on real films and on drawn ones, and the card that says so."""
