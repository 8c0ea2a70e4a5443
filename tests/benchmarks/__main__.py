"""The one command: `python -m tests.benchmarks [--quick] [--only LIST,ONE] [--out DIR]`."""

import argparse
import asyncio
import os
import tempfile
from pathlib import Path

import uvloop

from tests.benchmarks import copies, plots, report
from tests.benchmarks.results import Results
from tests.benchmarks.run import CASES, against_others, by_growth, machine
from tests.benchmarks.scale import FULL, QUICK, SMOKE
from tests.benchmarks.servers import LOAD_CORE

HERE = Path(__file__).parent


def main() -> None:
    options = _options()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {LOAD_CORE})  # before PostgreSQL starts, for it stays where it was started
    results = Results(machine())
    with tempfile.TemporaryDirectory(prefix="benchmarks-") as folder:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            if set(options.only) - {"GROWTH", "BYTES"}:
                runner.run(against_others(options.scale, options.only, Path(folder), results))
            if "GROWTH" in options.only:
                runner.run(by_growth(options.scale, Path(folder, "growth"), results))
        os.sched_setaffinity(0, cores)
        if "BYTES" in options.only:
            copies.measure(options.scale, Path(folder), results)
    print(report.markdown(results))  # noqa: T201  what the command is for
    if options.out is not None:
        _write(results, options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description="Measure the service and others.")
    scales = parser.add_mutually_exclusive_group()
    scales.add_argument("--quick", dest="scale", action="store_const", const=QUICK, help="in less than a minute")
    scales.add_argument(
        "--smoke", dest="scale", action="store_const", const=SMOKE, help="to see that answers are right"
    )
    parser.add_argument("--only", type=_cases, default=CASES, metavar="LIST,ONE", help=f"of {','.join(CASES)}")
    parser.add_argument("--out", type=Path, help="where the files go; with --quick and --smoke nowhere if not given")
    options = parser.parse_args()
    if options.scale is None:
        options.scale, options.out = FULL, options.out or HERE
    return options


def _cases(text: str) -> list[str]:
    wanted = text.upper().split(",")
    if unknown := set(wanted) - set(CASES):
        raise argparse.ArgumentTypeError(f"{', '.join(sorted(unknown))}: it is one of {', '.join(CASES)}")
    return wanted


def _write(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    texts = {"results.md": report.markdown(results), "results.json": report.as_json(results)}
    if results.curves:
        texts["latency.svg"] = plots.latency(results)
    if results.growth:
        texts["growth.svg"] = plots.growth(results)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
