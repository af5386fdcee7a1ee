"""Requests count small resources with httpx, so many in flight; prints the microseconds a request takes.

Usage: httpx_client.py BASE COUNT IN_FLIGHT
"""
import asyncio
import sys
import time

import httpx


async def request_all(client, base, count, in_flight):
    numbers = iter(range(count))

    async def request_next():
        for number in numbers:
            await client.get(f"{base}/items/{number}")

    await asyncio.gather(*(request_next() for _ in range(in_flight)))


async def main(base, count, in_flight):
    limits = httpx.Limits(max_connections=in_flight, max_keepalive_connections=in_flight)
    async with httpx.AsyncClient(limits=limits, timeout=60) as client:
        await request_all(client, base, 2 * in_flight, in_flight)
        start = time.perf_counter()
        await request_all(client, base, count, in_flight)
        print((time.perf_counter() - start) * 1e6 / count)


asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
