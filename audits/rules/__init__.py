"""Rules of the examination: values in, values out; no clock, no query."""
