"""Building blocks of the course on convolutional networks; import it by room.

>>> from cnnlib import filters
>>> filters.VERTICAL_EDGE.shape
(3, 3)
"""
