"""What is said of long test files is said of files that are there."""

from asp_dagster_tests.long_files import HERE, LONG_FILES, turn_of


def test_each_long_file_is_there() -> None:
    """No file that is to begin first was renamed without a word of it."""
    assert [name for name in LONG_FILES if not (HERE / name).is_file()] == []


def test_long_files_begin_first() -> None:
    """Every other file's turn comes behind all of theirs."""
    turns = [turn_of(HERE / name) for name in LONG_FILES]

    assert turns == sorted(turns)
    assert turns[-1] < turn_of(HERE / "test_layers.py")
