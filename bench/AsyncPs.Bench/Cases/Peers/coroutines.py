"""Runs so many coroutines at once, each of which sleeps so many times 100 ms; prints the milliseconds that takes.

Usage: coroutines.py asyncio|uvloop COUNT WAITS
"""
import asyncio
import sys
import time


async def wait(waits):
    for _ in range(waits):
        await asyncio.sleep(0.1)


async def main(count, waits):
    start = time.perf_counter()
    await asyncio.gather(*[wait(waits) for _ in range(count)])
    print((time.perf_counter() - start) * 1000)


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()

asyncio.run(main(*map(int, sys.argv[2:])))
