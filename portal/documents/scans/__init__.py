"""Virus scans: every file from outside waits until a scanner has seen it. "Scanner away" never means "clean"."""
