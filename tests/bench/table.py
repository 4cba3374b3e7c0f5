"""The one table: job, floor, ours, ratio, bar, verdict."""

from __future__ import annotations

from dataclasses import dataclass

HEADINGS = ("job", "floor", "ours", "ratio", "bar", "", "counts")


@dataclass(frozen=True, slots=True)
class Line:
    """One job as measured. Empty: there is none; `within` None: nothing is asked of it."""

    job: str
    ours: str
    floor: str = ""
    ratio: str = ""
    bar: str = ""
    within: bool | None = None
    counts: str = ""

    @property
    def cells(self) -> tuple[str, ...]:
        """As printed."""
        verdict = {None: "", True: "within", False: "over"}[self.within]
        return self.job, self.floor, self.ours, self.ratio, self.bar, verdict, self.counts


def slower(
    job: str, floor: float, ours: float, most: float | None, *, counts: str = "", also: bool = True,
    bar: str = "",
) -> Line:  # fmt: skip
    """A job in seconds that may take `most` times its floor (None: nothing is asked).

    `also`: whether its other bars, named in `bar`, are kept.
    """
    times = ours / floor
    asked = ", ".join(filter(None, [f"≤ {most:g} ×" if most else "", bar]))
    return Line(
        job, duration(ours), duration(floor), f"{times:.2f} ×", asked,
        (most is None or times <= most) and also if asked else None, counts,
    )  # fmt: skip


def rate(
    job: str, size_bytes: int, floor: float, ours: float, least: float, *, also: bool = True,
    bar: str = "", counts: str = "",
) -> Line:  # fmt: skip
    """A job that moves bytes; it must reach the share `least` of its floor's rate."""
    share = floor / ours
    asked = ", ".join(filter(None, [f"≥ {least:.0%}", bar]))
    return Line(
        job, f"{size_bytes / ours / 1e6:,.0f} MB/s", f"{size_bytes / floor / 1e6:,.0f} MB/s",
        f"{share:.0%}", asked, share >= least and also, counts,
    )  # fmt: skip


def duration(seconds: float) -> str:
    """For people: ms below a second."""
    return f"{seconds * 1000:.1f} ms" if seconds < 1 else f"{seconds:.2f} s"


def printed(lines: list[Line]) -> str:
    """The table as text, one line each."""
    rows = [HEADINGS, *(line.cells for line in lines)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(HEADINGS))]
    shown = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]
    return "\n".join([shown[0], "-" * len(shown[0]), *shown[1:]])
