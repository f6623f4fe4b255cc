"""Where things are: boxes, and the detectors that find them.

- `boxes`, `nms`, `anchors`, `metrics`: exact and in NumPy alone.
- `localization`, `landmarks`: one object, a few points.
- `windows`: a classifier slid over a picture, by crops and as one convolution.
- `yolo`: one pass, a grid of answers.
- `proposals`, `rcnn`: regions first, then what is in them.
"""
