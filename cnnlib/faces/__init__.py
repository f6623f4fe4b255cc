"""Whose face it is: encodings of faces, how they are learned, compared and kept.

- `verification`: distances, the choice of a threshold, the error of one against K.
- `gallery`: enroll, verify, identify, turn away; with its exact search and its files in `search`
  and `storage`.
"""
