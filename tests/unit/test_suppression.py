"""No suppressed count can be worked out from those that are shown."""

import numpy as np

from tf_pipeline.releases.suppression import Cells, recoverable, suppress

THRESHOLD = 5


def worked_out(cells: Cells, chosen: set[int]) -> set[int]:
    """Suppressed cells that the lines determine, by rank: another way than the program's own."""
    unknown = sorted(chosen | cells.hidden)
    place = {cell: i for i, cell in enumerate(unknown)}
    matrix = np.zeros((len(cells.lines), len(unknown)))
    for i, line in enumerate(cells.lines):
        for cell, sign in line.terms:
            if cell in place:
                matrix[i, place[cell]] += sign
    rank = np.linalg.matrix_rank(matrix) if matrix.size else 0
    found = set()
    for cell in (chosen | cells.small()) & set(unknown):
        unit = np.zeros(len(unknown))
        unit[place[cell]] = 1
        if np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank:
            found.add(cell)
    return found


def random_table(seed: int) -> Cells:
    """Rows that add up to a total each, and columns to a row of totals."""
    chance = np.random.default_rng(seed)
    body = chance.integers(0, 12, size=chance.integers(2, 6, size=2))
    whole = np.vstack([body, body.sum(axis=0)])
    whole = np.hstack([whole, whole.sum(axis=1, keepdims=True)])
    cells = Cells(THRESHOLD)
    number = [[cells.add(int(value)) for value in row] for row in whole]
    for row in number:
        cells.add_line([(cell, 1) for cell in row[:-1]], row[-1])
    for column in zip(*number, strict=True):
        cells.add_line([(cell, 1) for cell in column[:-1]], column[-1])
    return cells


def test_of_random_tables_no_suppressed_count_can_be_worked_out():
    for seed in range(200):
        cells = random_table(seed)
        chosen = suppress(cells)
        assert cells.small() <= chosen, seed
        assert worked_out(cells, chosen) == set(), seed
        assert recoverable(cells, chosen) == set(), seed


def test_small_counts_alone_could_be_worked_out():
    """The proof finds what it looks for."""
    cells = Cells(THRESHOLD)
    parts = [cells.add(value) for value in (3, 20, 30)]
    cells.add_line([(part, 1) for part in parts], cells.add(53))
    assert worked_out(cells, {parts[0]}) == recoverable(cells, {parts[0]}) == {parts[0]}
    assert suppress(cells) == {parts[0], parts[1]}


def test_what_is_left_over_is_a_count_too():
    cells = Cells(THRESHOLD)
    part = cells.add(38)
    cells.add_line([(part, 1)], cells.add(40))
    assert suppress(cells) == {part}


def test_nothing_at_all_is_not_small():
    cells = Cells(THRESHOLD)
    cells.add_line([(cells.add(0), 1), (cells.add(9), 1)], cells.add(9))
    assert suppress(cells) == set()
