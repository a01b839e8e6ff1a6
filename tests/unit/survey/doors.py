"""The doors of survey's API, as the program states them."""

from chassis.settings import Secrets, load_settings
from chassis.testing.visitors import EmptyRuntime, visitor
from chassis.web.app import create_app
from chassis.web.router import Access
from chassis.web.walk import routes
from services.survey.app import SERVICE

PREFIX = "/survey"
SETTINGS = load_settings(kafka="127.0.0.1:1", database_url="postgresql://x@127.0.0.1:1/x", secrets=Secrets.fresh([]))
APP = create_app([SERVICE], {SERVICE.name: EmptyRuntime(SERVICE.name)}, SETTINGS, identify=visitor)
ACCESS: dict[tuple[str, str], Access] = {
    (path.removeprefix(PREFIX), method): access
    for method, path, access in routes(APP)
    if path.startswith(f"{PREFIX}/api/v1")
}
"""By path below the prefix, and method."""
DOORS = sorted(ACCESS)
