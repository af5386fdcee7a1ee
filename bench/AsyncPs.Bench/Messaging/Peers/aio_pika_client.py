"""Publishes messages, each confirmed, or consumes messages, each acknowledged, with aio-pika; prints the microseconds a message takes.

Usage: aio_pika_client.py PORT QUEUE publish|consume COUNT PREFETCH
"""
import asyncio
import sys
import time
import uuid

import aio_pika

UNCONFIRMED = 1000


async def publish(channel, queue, count):
    room = asyncio.Semaphore(UNCONFIRMED)

    async def publish_one():
        message = aio_pika.Message(
            b"x" * 100, delivery_mode=aio_pika.DeliveryMode.PERSISTENT, content_type="text/plain", message_id=uuid.uuid4().hex)
        try:
            await channel.default_exchange.publish(message, queue)
        finally:
            room.release()

    start = time.perf_counter()
    tasks = []
    for _ in range(count):
        await room.acquire()
        tasks.append(asyncio.create_task(publish_one()))
    await asyncio.gather(*tasks)
    return time.perf_counter() - start


async def consume(channel, queue, count, prefetch):
    await channel.set_qos(prefetch_count=prefetch)
    source = await channel.get_queue(queue)
    bodies = []
    start = time.perf_counter()
    async with source.iterator() as messages:
        async for message in messages:
            bodies.append(message.body.decode())
            await message.ack()
            if len(bodies) == count:
                elapsed = time.perf_counter() - start
                break
    return elapsed


async def main(port, queue, act, count, prefetch):
    connection = await aio_pika.connect(f"amqp://guest:guest@127.0.0.1:{port}/")
    async with connection:
        channel = await connection.channel()
        elapsed = await (publish(channel, queue, count) if act == "publish" else consume(channel, queue, count, prefetch))
    print(elapsed * 1e6 / count)


port, queue, act, count, prefetch = sys.argv[1:]
asyncio.run(main(int(port), queue, act, int(count), int(prefetch)))
