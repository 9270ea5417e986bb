"""What the gateway needs of the broker: to call, to get its replies, and to hear what makes its kept pages old."""

from mtnet_chassis.broker.plan import CallerPlan

PLAN = CallerPlan("gateway", hears=("content",))
