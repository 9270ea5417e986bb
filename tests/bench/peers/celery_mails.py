"""The mails of notify as Celery jobs: late acknowledgement, retries with back-off, a row for each outcome.

Each job writes the same mail with the same template and hands it to the same mail server, over a connection that its
process keeps, with the standard library's smtplib.
"""

from __future__ import annotations

import os
import smtplib
import sys
from uuid import UUID, uuid5

import psycopg
from celery import Celery, Task
from kombu import Queue
from notify.channels.email.mime import mime_message
from notify.templates.actions import render_mail
from notify.templates.rules import Kind, Links

SENDER, DOMAIN, LOCALE, VERSION = "no-reply@mtnet.example", "mtnet.example", "zh-Hant", 3
LINKS = Links("https://mtnet.example")
# A row more is written when a job is tried again, and none is written twice.
SCHEMA = """
CREATE TABLE mail_result (
    mail_id uuid NOT NULL,
    attempt integer NOT NULL,
    outcome text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (mail_id, attempt)
)
"""

app = Celery("mails", broker=os.environ.get("BENCH_AMQP", "memory://"))
app.conf.update(
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_ignore_result=True,
    task_default_queue="mails",
    task_queues=[Queue("mails", queue_arguments={"x-queue-type": "quorum"})],
    worker_prefetch_multiplier=50,
    worker_detect_quorum_queues=True,
    broker_transport_options={"confirm_publish": True},
    worker_enable_remote_control=False,
    broker_connection_retry_on_startup=True,
    worker_send_task_events=False,
)
database: psycopg.Connection[object] | None = None
server: smtplib.SMTP | None = None


@app.task(
    bind=True,
    name="mails.send",
    autoretry_for=(smtplib.SMTPException, OSError),
    retry_backoff=5,
    retry_backoff_max=3600,
    retry_jitter=True,
    max_retries=48,
)
def send(task: Task, mail_id: str, recipient: str, case_number: str, submitted_at: str) -> None:
    global database, server
    if database is None:
        database = psycopg.connect(os.environ["BENCH_DSN"], autocommit=True)
    if server is None:
        server = smtplib.SMTP("127.0.0.1", int(os.environ["BENCH_SMTP_PORT"]), timeout=60)
        server.ehlo()
    details = {"name": "申請人", "case_number": case_number, "submitted_at": submitted_at}
    mail = render_mail(LINKS, Kind.APPLICATION_RECEIVED, VERSION, LOCALE, details, None)
    content = mime_message(UUID(mail_id), SENDER, recipient, DOMAIN, mail, LOCALE)
    outcome = "sent"
    try:
        server.sendmail(SENDER, [recipient], content)
    except (smtplib.SMTPException, OSError) as problem:
        server, outcome = None, type(problem).__name__
        raise
    finally:
        database.execute(
            "INSERT INTO mail_result (mail_id, attempt, outcome) VALUES (%s, %s, %s) ON CONFLICT DO NOTHING",
            (mail_id, task.request.retries, outcome),
        )


def main() -> None:
    if sys.argv[1] == "consume":
        app.worker_main(
            [
                "worker",
                f"--concurrency={os.environ['BENCH_PROCESSES']}",
                "--loglevel=ERROR",
                "--without-gossip",
                "--without-mingle",
            ]
        )
        return
    for number in range(int(os.environ["BENCH_COUNT"])):
        mail_id = str(uuid5(UUID(int=0), str(number)))
        send.delay(mail_id, f"{mail_id}@example.com", f"PTAPPLY{number:013}", "2026-11-26T08:00:00+00:00")


if __name__ == "__main__":
    main()
