"""How many letters a second, measured against warm bare WeasyPrint on the same HTML.

Bare: shared parsed CSS and FontConfiguration, pdf/ua-1, HTML already there. Ours: template, both standards, attachment,
check of both standards, that is everything before sealing. CPU time, taken in turns, median. Prints one JSON object.

    python -m tests.bench.bench_letters [rounds]
"""

import json
import os
import statistics
import sys
import time

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")


def measure(rounds: int = 40) -> dict[str, dict[str, float]]:
    """Two and three pages: bare_ms, render_ms, check_ms, seal_ms, verify_ms; ratio = bare / (render + check)."""
    import weasyprint
    from django.conf import settings
    from django.template.loader import render_to_string

    from portal.common import clock
    from portal.documents import render, seal
    from tests.portal.documents import samples

    render.warm_up()
    house, found = render._house(), {}
    for name, (template, context) in {"letter": samples.decision(), "long_letter": samples.three_pages()}.items():
        html = render_to_string(template, {"city": settings.CITY, "lang": "de", **context})

        def bare(html: str = html) -> bytes:
            source = weasyprint.HTML(string=html, base_url="http://127.0.0.1/", url_fetcher=house.fetcher)
            return source.write_pdf(
                font_config=house.fonts, stylesheets=[house.styles], pdf_variant="pdf/ua-1", cache=house.images
            )

        def ours(template: str = template, context: dict[str, object] = context) -> bytes:
            return render.render_pdf(
                template, context, title="Bescheid", created=samples.CREATED, attachments=samples.ATTACHMENTS
            )

        pdf = ours()
        sealed = seal.get_sealer().seal(pdf, reason="Bescheid", at=clock.now())
        steps = {
            "bare_ms": bare,
            "render_ms": ours,
            "check_ms": lambda pdf=pdf: render.check_pdf(pdf),
            "seal_ms": lambda pdf=pdf: seal.get_sealer().seal(pdf, reason="Bescheid", at=clock.now()),
            "verify_ms": lambda sealed=sealed: seal.verify(sealed),
        }
        times: dict[str, list[float]] = {step: [] for step in steps}
        for _ in range(rounds):
            for step, run in steps.items():
                start = time.process_time()
                run()
                times[step].append(1000 * (time.process_time() - start))
        row = {step: statistics.median(values) for step, values in times.items()}
        row["ratio"] = row["bare_ms"] / (row["render_ms"] + row["check_ms"])
        row["letters_per_second"] = 1000 / (row["render_ms"] + row["check_ms"] + row["seal_ms"])
        found[name] = {step: round(value, 3) for step, value in row.items()}
    return found


if __name__ == "__main__":
    import django

    django.setup()
    sys.stdout.write(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 40)) + "\n")
