"""Has so many coroutines wait for one queue, then puts an item for each; prints the milliseconds that takes.

Usage: consumers.py asyncio|uvloop COUNT
"""
import asyncio
import sys
import time


async def consume(queue):
    return await queue.get()


async def main(count):
    start = time.perf_counter()
    queue = asyncio.Queue()
    consumers = [asyncio.create_task(consume(queue)) for _ in range(count)]
    await asyncio.sleep(0)
    for item in range(count):
        queue.put_nowait(item)
    await asyncio.gather(*consumers)
    print((time.perf_counter() - start) * 1000)


if sys.argv[1] == "uvloop":
    import uvloop

    uvloop.install()

asyncio.run(main(int(sys.argv[2])))
