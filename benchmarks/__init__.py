"""What the speed of this project is measured by: `make bench` writes results/benchmarks.json and .md.

Every file times one piece of work twice in one run: as the project does it, and as the published method does it, or a
plain program would. What counts is the ratio; the seconds are those of the machine it ran on.
"""
