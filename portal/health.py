"""Whether this web process can serve people: for load balancers and container health."""

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """200 when the database answers (an error otherwise). The broker may be away: rows wait."""
    with connection.cursor() as cursor:
        cursor.execute("select 1")
    return HttpResponse("bereit\n", content_type="text/plain; charset=utf-8")
