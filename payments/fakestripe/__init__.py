"""A small stateful stand-in for Stripe, for demo and tests: no money, no network beyond this machine.

It answers the part of the HTTP API the portal uses, in the shapes of Stripe's public example objects (a test compares
them), with Stripe's idempotency, a hosted payment page in German, signed thin events, and faults on demand. Production
refuses to talk to it (portal.checks).
"""
