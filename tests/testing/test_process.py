"""A process tells what it logs; whatever else it writes keeps nobody from hearing that."""

from app.testing.process import Process


class Speaking(Process):
    """Runs a line of Python as a process."""

    module = "timeit"


LINES = ["{no JSON", "[1]", '{"level": "info"}', '{"event": "it is up"}']
SAY = f"import sys; print(*{LINES}, sep=chr(10), file=sys.stderr)"


def test_what_is_no_line_of_the_log_is_told_in_its_own_words_and_the_log_goes_on() -> None:
    with Speaking("-n", "1", "-r", "1", SAY) as process:
        told = [process.logged(event) for event in ("{no JSON", "[1]", "level", "it is up")]
        assert process.ended() == 0
    assert told == [
        {"event": "{no JSON\n"},
        {"event": "[1]\n"},
        {"event": '{"level": "info"}\n', "level": "info"},
        {"event": "it is up"},
    ]
