"""Repeat a draw: python repeat-a-draw.py POPULATION.csv SEED COUNT tells the item keys in order."""

import csv
import io
import sys
from hashlib import sha256
from pathlib import Path

content, seed, count = Path(sys.argv[1]).read_bytes(), sys.argv[2], int(sys.argv[3])
sha = sha256(content).hexdigest()
keys = [row[0] for row in csv.reader(io.StringIO(content.decode(), newline=""))][1:]
keys.sort(key=lambda key: sha256(f"{seed}|{sha}|{key}".encode()).digest())
sys.stdout.write("".join(f"{key}\n" for key in keys[:count]))
