"""Payment service providers behind one Protocol."""
