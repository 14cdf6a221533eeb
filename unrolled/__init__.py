"""What the course's notebooks import: teaching code, data, plots, checks."""

import os

# TensorFlow writes its start-up log to stderr unless told before it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# The course's matrices are small. OpenBLAS, which NumPy multiplies with, would share even these
# among all cores, where they wait for each other: lecture 02 would take four times as long.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
