"""Requests count small resources with aiohttp, so many in flight; prints the microseconds a request takes.

Usage: aiohttp_client.py BASE COUNT IN_FLIGHT [uvloop]
"""
import asyncio
import sys
import time

import aiohttp


async def request_all(session, base, count, in_flight):
    numbers = iter(range(count))

    async def request_next():
        for number in numbers:
            async with session.get(f"{base}/items/{number}") as response:
                await response.read()

    await asyncio.gather(*(request_next() for _ in range(in_flight)))


async def main(base, count, in_flight):
    connector = aiohttp.TCPConnector(limit=in_flight)
    async with aiohttp.ClientSession(connector=connector) as session:
        await request_all(session, base, 2 * in_flight, in_flight)
        start = time.perf_counter()
        await request_all(session, base, count, in_flight)
        print((time.perf_counter() - start) * 1e6 / count)


if sys.argv[4:] == ["uvloop"]:
    import uvloop

    uvloop.install()
asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
