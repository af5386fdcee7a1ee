"""Passes items through a bounded queue of asyncio, from so many writers to so many readers; prints the microseconds an item takes.

Usage: queue_items.py COUNT SIDES CAPACITY
"""
import asyncio
import sys
import time


async def main(count, sides, capacity):
    queue = asyncio.Queue(capacity)

    async def write():
        for number in range(count // sides):
            await queue.put(number)

    async def read():
        for _ in range(count // sides):
            await queue.get()
            queue.task_done()

    start = time.perf_counter()
    await asyncio.gather(*[side() for _ in range(sides) for side in (write, read)])
    print((time.perf_counter() - start) / count * 1e6)


asyncio.run(main(*map(int, sys.argv[1:])))
