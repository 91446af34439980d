import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.test import RequestFactory

from accounts.http import signed_in
from accounts.models import User


def test_the_person_who_is_signed_in_is_given(rf: RequestFactory) -> None:
    request, alice = rf.get("/"), User(pk=1)
    request.user = alice
    assert signed_in(request) is alice


def test_nobody_is_no_person(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = AnonymousUser()
    with pytest.raises(PermissionDenied):
        signed_in(request)
