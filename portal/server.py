"""gunicorn's settings, in the demo as in the container: gunicorn -c python:portal.server portal.wsgi"""

import os

from portal.env import env_int, env_str

bind = env_str("PORTAL_BIND", "127.0.0.1:8000")
workers = env_int("PORTAL_WEB_WORKERS", 2)
worker_class = "gthread"
threads = env_int("PORTAL_WEB_THREADS", 8)  # PORTAL_DB_POOL should not be smaller
# Loaded once before the fork: memory is shared, and settings that are refused end the whole server at once.
preload_app = True
max_requests, max_requests_jitter = 5000, 500
timeout, graceful_timeout, keepalive = 30, 20, 5
if os.path.isdir("/dev/shm"):  # noqa: S108 - gunicorn makes its own unnamed files there
    worker_tmp_dir = "/dev/shm"  # noqa: S108 - a disk can stall the heartbeat
control_socket_disable = True
# No access log: addresses of people and pages together are personal data.
accesslog = None
errorlog = "-"
