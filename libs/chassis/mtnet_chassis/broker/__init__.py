"""RabbitMQ: a connection for several green threads, a queue's reader, and everything that exists on the broker."""
