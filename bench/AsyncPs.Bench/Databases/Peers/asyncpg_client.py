"""Looks count rows up by their primary key with asyncpg, so many in flight; prints the microseconds a look-up takes.

Usage: asyncpg_client.py HOST PORT USER DATABASE COUNT IN_FLIGHT
"""
import asyncio
import sys
import time

import asyncpg


async def look_up_all(pool, count, in_flight):
    numbers = iter(range(1, count + 1))

    async def look_up_next():
        for number in numbers:
            await pool.fetch("select abalance from pgbench_accounts where aid = $1", number)

    await asyncio.gather(*(look_up_next() for _ in range(in_flight)))


async def main(host, port, user, database, count, in_flight):
    async with asyncpg.create_pool(host=host, port=port, user=user, database=database, min_size=in_flight, max_size=in_flight) as pool:
        await look_up_all(pool, 20 * in_flight, in_flight)
        start = time.perf_counter()
        await look_up_all(pool, count, in_flight)
        print((time.perf_counter() - start) * 1e6 / count)


host, port, user, database, count, in_flight = sys.argv[1:]
asyncio.run(main(host, int(port), user, database, int(count), int(in_flight)))
