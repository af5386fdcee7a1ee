"""Has two processes run items of a kind (a function below), so many at once to a process; prints the microseconds an item takes.

Usage: process_items.py COUNT KIND CHUNKSIZE
"""
import sys
import time
from concurrent.futures import ProcessPoolExecutor


def trivial(number):
    return number * 2


def sleep1(number):
    time.sleep(0.001)


def sleep10(number):
    time.sleep(0.01)


def sleep100(number):
    time.sleep(0.1)


def small(number):
    return "x" * 1000


def large(number):
    return "x" * 1000000


def work(number):
    end = time.perf_counter() + 0.005
    while time.perf_counter() < end:
        pass


if __name__ == "__main__":
    count, kind, chunk = int(sys.argv[1]), globals()[sys.argv[2]], int(sys.argv[3])
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(trivial, range(1000), chunksize=chunk))
        start = time.perf_counter()
        list(pool.map(kind, range(count), chunksize=chunk))
        print((time.perf_counter() - start) / count * 1e6)
