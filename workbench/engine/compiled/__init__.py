"""Networks as C++ libraries, generated, compiled once and kept."""
