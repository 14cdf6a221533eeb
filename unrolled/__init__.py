"""What the course's notebooks import: teaching code, data, plots, checks."""

import os

# TensorFlow writes its start-up log to stderr unless told before it is imported.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "0")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
