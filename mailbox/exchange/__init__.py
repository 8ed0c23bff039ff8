"""File exchange: rooms into which invited people put large files and from which they take them (docs/exchange.md)."""
