"""Signed messages to systems outside: subscriptions, deliveries written with the business rows, a loop that sends them.

In order for each subscription, again and again for a day, always under the same message id: a receiver that remembers
ids takes each message once. Headers and signature are those of Standard Webhooks (standardwebhooks.com).
"""

from pathlib import Path

TABLES = Path(__file__).parent / "migrations"
"""For `Service.tables` of a service that announces."""
