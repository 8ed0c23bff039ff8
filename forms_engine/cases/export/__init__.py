"""A case outside the portal: for the archive (xdomea 3.0) and for machines (JSON)."""
