"""Speed beside other programs: articles in a second, latency, memory, cold start, and the limit of the machine.

`python -m tests.benchmarks.speed` measures all, `--quick` less of it in some minutes; `--write` puts tables and plots
into `docs/benchmarks.md`. It needs the extras `train` and `bench`. All programs read the same articles, take turns in
the same process, and their medians are compared, because a machine is never as fast twice.
"""
