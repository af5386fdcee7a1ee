"""Publishes messages, each confirmed, or consumes messages, each acknowledged, with pika; prints the microseconds a message takes.

Usage: pika_client.py PORT QUEUE publish|consume COUNT PREFETCH
"""
import sys
import time
import uuid

import pika


def publish(channel, queue, count):
    channel.confirm_delivery()
    start = time.perf_counter()
    for _ in range(count):
        properties = pika.BasicProperties(delivery_mode=2, content_type="text/plain", message_id=uuid.uuid4().hex)
        channel.basic_publish("", queue, b"x" * 100, properties, mandatory=True)
    return time.perf_counter() - start


def consume(channel, queue, count, prefetch):
    channel.basic_qos(prefetch_count=prefetch)
    bodies = []
    start = time.perf_counter()
    for method, _, body in channel.consume(queue):
        bodies.append(body.decode())
        channel.basic_ack(method.delivery_tag)
        if len(bodies) == count:
            break
    channel.connection.process_data_events()
    return time.perf_counter() - start


def main(port, queue, act, count, prefetch):
    connection = pika.BlockingConnection(pika.ConnectionParameters("127.0.0.1", port))
    channel = connection.channel()
    elapsed = publish(channel, queue, count) if act == "publish" else consume(channel, queue, count, prefetch)
    connection.close()
    print(elapsed * 1e6 / count)


port, queue, act, count, prefetch = sys.argv[1:]
main(int(port), queue, act, int(count), int(prefetch))
