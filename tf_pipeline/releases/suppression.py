"""Which counts must not be shown, so that no small one can be read or worked out.

Belongs here: cells, lines of cells that add up, which of them to suppress, and what a reader could
still work out. Does not belong here: which published columns add up (`ref_shared.csv`), files.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

# arithmetic of whole numbers modulo a large prime: exact, and quicker than fractions
PRIME = 2**61 - 1


@dataclass(frozen=True)
class Line:
    """Cells that add up to nothing: parts with their signs, the total last with its own.

    What is left over between parts and total is a cell too, which nobody is shown.
    """

    parts: tuple[tuple[int, int], ...]
    total: int

    @property
    def terms(self) -> tuple[tuple[int, int], ...]:
        """Every cell with its sign."""
        return (*self.parts, (self.total, -1))


@dataclass
class Cells:
    """Counts and the lines in which they add up; a hidden one is shown to nobody anyway."""

    threshold: int
    values: list[int] = field(default_factory=list)
    hidden: set[int] = field(default_factory=set)
    lines: list[Line] = field(default_factory=list)

    def add(self, value: int, *, is_hidden: bool = False) -> int:
        """A count; returns its number."""
        self.values.append(value)
        if is_hidden:
            self.hidden.add(len(self.values) - 1)
        return len(self.values) - 1

    def add_line(self, parts: Sequence[tuple[int, int]], total: int) -> None:
        """Cells of which the parts make the total, whatever is left over being a cell of its own.

        Where nothing is left over a reader is taken to know that.
        """
        rest = self.values[total] - sum(sign * self.values[cell] for cell, sign in parts)
        if rest:
            parts = [*parts, (self.add(rest, is_hidden=True), 1)]
        self.lines.append(Line(tuple(parts), total))

    def is_small(self, cell: int) -> bool:
        """Whether a count is one to protect; nothing at all is none."""
        return 0 < abs(self.values[cell]) < self.threshold

    def small(self) -> set[int]:
        """Every count to protect, hidden ones too."""
        return {cell for cell in range(len(self.values)) if self.is_small(cell)}


def suppress(cells: Cells) -> set[int]:
    """Cells not to show: the small ones, and as many others as keep those from being worked out."""
    chosen = cells.small() - cells.hidden
    lines_of: dict[int, list[Line]] = {}
    for line in cells.lines:
        for cell, _ in line.terms:
            lines_of.setdefault(cell, []).append(line)
    waiting = list(cells.lines)
    while True:
        while waiting:
            found = _weak_spot(cells, waiting.pop(), chosen)
            if found is not None:
                chosen.add(found)
                waiting.extend(lines_of[found])
        best = _best_further(cells, lines_of, chosen)
        if best is not None:
            chosen.add(best)
            waiting.extend(lines_of[best])
        if not waiting:
            # whoever can work it out has been told: to blank it would only hide that
            return chosen - (recoverable(cells, chosen) - cells.small())


def _best_further(cells: Cells, lines_of: dict[int, list[Line]], chosen: set[int]) -> int | None:
    """One more cell, in or next to a line of one that can be worked out; the cheapest there is."""
    options = [
        found
        for cell in recoverable(cells, chosen) & cells.small()
        for line in lines_of[cell]
        for near, _ in line.terms
        if near == cell or near in chosen
        for other in lines_of.get(near, ())
        if (found := _cheapest(cells, other, chosen)) is not None
    ]
    return min(options)[-1] if options else None


def recoverable(cells: Cells, chosen: set[int]) -> set[int]:
    """Suppressed or small cells that the shown ones determine, by linear algebra."""
    unknown = chosen | cells.hidden
    protected = chosen | cells.small()
    equations: Iterable[dict[int, int]] = (
        {cell: sign for cell, sign in line.terms if cell in unknown} for line in cells.lines
    )
    solved: dict[int, dict[int, int]] = {}
    within: dict[int, set[int]] = {}
    for equation in equations:
        row = dict(equation)
        for cell in list(equation):
            if cell in solved:
                _subtract(row, solved[cell], row.get(cell, 0))
        if not row:
            continue
        pivot = min(row, key=lambda cell: len(within.get(cell, ())))
        inverse = pow(row[pivot], -1, PRIME)
        row = {cell: value * inverse % PRIME for cell, value in row.items()}
        for other in list(within.get(pivot, ())):
            before = set(solved[other])
            _subtract(solved[other], row, solved[other][pivot])
            for cell in before - set(solved[other]):
                within[cell].discard(other)
            for cell in set(solved[other]) - before:
                within.setdefault(cell, set()).add(other)
        solved[pivot] = row
        for cell in row:
            within.setdefault(cell, set()).add(pivot)
    return {pivot for pivot, row in solved.items() if len(row) == 1} & protected


def _subtract(row: dict[int, int], other: dict[int, int], factor: int) -> None:
    if not factor:
        return
    for cell, value in other.items():
        left = (row.get(cell, 0) - factor * value) % PRIME
        if left:
            row[cell] = left
        else:
            row.pop(cell, None)


def _weak_spot(cells: Cells, line: Line, chosen: set[int]) -> int | None:
    """A further cell of the line to suppress; None where the line gives nothing away."""
    unknown = [(c, sign) for c, sign in line.terms if c in chosen or c in cells.hidden]
    if not any(c in chosen or cells.is_small(c) for c, _ in unknown):
        return None
    together = abs(sum(sign * cells.values[c] for c, sign in unknown))
    is_total_shown = unknown[-1][0] != line.total
    # several small ones together are a small count as well
    if len(unknown) > 1 and not (is_total_shown and 0 < together < cells.threshold):
        return None
    found = _cheapest(cells, line, chosen)
    return None if found is None else found[-1]


def _cheapest(cells: Cells, line: Line, chosen: set[int]) -> tuple[bool, bool, int, int] | None:
    """The smallest part still shown, zeros after others; the total last of all."""
    return min(
        (
            (cell == line.total, cells.values[cell] == 0, abs(cells.values[cell]), cell)
            for cell, _ in line.terms
            if cell not in chosen and cell not in cells.hidden
        ),
        default=None,
    )
