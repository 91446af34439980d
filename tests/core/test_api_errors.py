import pytest
from django.db import InterfaceError, OperationalError

from core.api_errors import handle_exception


@pytest.mark.parametrize("error", [OperationalError("server closed the connection"), InterfaceError("closed")])
def test_a_database_that_is_away_is_503_and_its_words_stay_inside(error: Exception) -> None:
    response = handle_exception(error, {})
    assert response is not None
    assert (response.status_code, response.data["code"], response.headers["Retry-After"]) == (503, "unavailable", "5")
    assert "connection" not in response.data["detail"]
