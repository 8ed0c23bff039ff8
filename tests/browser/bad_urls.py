"""A page with everything that the harness must notice."""

from django.http import HttpResponse
from django.urls import path

BAD = """<!doctype html><html lang="de"><head><title>Schlecht</title></head><body><h1>Schlecht</h1>
<p style="color:red">Rot</p><script>document.title = "Skript"</script>
<img src="http://127.0.0.1:9/fremd.png"><pre>%s</pre></body></html>""" % ("breit" * 400)

urlpatterns = [path("", lambda request: HttpResponse(BAD))]
