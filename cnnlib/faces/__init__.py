"""Whose face it is: encodings of faces, how they are learned, compared and kept.

- `encoder`: faces found in a photograph, turned upright, and encoded by a network.
- `verification`: distances, the choice of a threshold, the error of one against K.
- `gallery`: enroll, verify, identify, turn away; with its exact search and its files in `search`
  and `storage`.
- `liveness`: a live face, or a picture of one held before the camera.
"""
