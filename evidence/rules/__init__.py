"""Rules of evidence: values in, values out; no clock, no query."""
