"""BayernID and BundID made of paper: two identity providers on one's own machine, to try out. Never in production."""
