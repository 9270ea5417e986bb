"""Start the service. `nameko run` does the same, with these settings in a file; it needs setuptools before 81."""

import eventlet

eventlet.monkey_patch()

import os  # noqa: E402 - everything after the line above

from nameko.runners import ServiceRunner  # noqa: E402
from vessels import Vessels  # noqa: E402

runner = ServiceRunner(
    {
        "AMQP_URI": os.environ["AMQP_URL"],
        "DECLARE_EVENT_EXCHANGES": False,  # the portal has; a system may not
        "max_workers": 1,
    }
)
runner.add_service(Vessels)
runner.start()
runner.wait()
