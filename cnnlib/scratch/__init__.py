"""The ConvNet in NumPy alone: read `naive` for what each layer computes, use `ops` to compute it.

`ops` and `naive` have the same functions; `layers`, `network`, `optimizers` and `gradients` build
a network that trains on `ops`.

>>> import numpy as np
>>> from cnnlib.scratch import ops
>>> ops.conv(np.ones((1, 6, 6, 3)), np.ones((3, 3, 3, 2))).shape
(1, 4, 4, 2)
"""
