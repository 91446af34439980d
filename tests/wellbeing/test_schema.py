from io import StringIO

import yaml
from django.core.management import call_command


def test_the_openapi_schema_is_valid_and_complete() -> None:
    output = StringIO()
    call_command("spectacular", "--fail-on-warn", "--validate", stdout=output)
    paths = yaml.safe_load(output.getvalue())["paths"]
    assert {"/api/v1/captures/", "/api/v1/schedule/", "/api/v1/journal/entries/", "/api/v1/mood/"} <= set(paths)
    assert not any("user" in path for path in paths)
    assert set(paths["/api/v1/captures/"]["post"]["responses"]) >= {"200", "202", "400", "403", "413", "429", "503"}
