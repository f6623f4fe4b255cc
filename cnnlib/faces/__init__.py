"""Whose face it is: encodings of faces, how they are learned, compared and kept.

- `encoder`: faces found in a photograph, turned upright, and encoded by a network.
- `mining`: which triplets and pairs of pictures to compare, and batches that hold them.
- `losses`: the triplet and the contrastive loss, and one that mines in its batch.
- `siamese`: two pictures through one encoder, and a logistic unit that says yes or no.
- `verification`: distances, the choice of a threshold, the error of one against K.
- `gallery`: enroll, verify, identify, turn away; with its exact search and its files in `search`
  and `storage`.
- `liveness`: a live face, or a picture of one held before the camera.
"""
