"""Whose face it is: encodings of faces, how they are learned, compared and kept."""
