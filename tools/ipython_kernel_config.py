"""IPython settings of the course's kernels, installed to `<environment>/etc/ipython/`.

TensorFlow logs from C++ with time stamps, whatever `TF_CPP_MIN_LOG_LEVEL` says. Left to the
terminal, those lines stay out of the notebooks, whose outputs must repeat.
"""

c.IPKernelApp.capture_fd_output = False  # noqa: F821  IPython provides `c`
