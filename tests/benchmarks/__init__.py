"""The benchmarks: `python -m tests.benchmarks` measures the service and what a reader would pick instead."""
