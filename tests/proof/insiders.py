"""Attackers inside: whoever holds every server secret, administrators, and another employee."""

import hashlib
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, Final
from uuid import UUID

from django.conf import settings

from accounts.models import User
from emotion.models import Consent
from tests.addresses import every_address
from tests.matrix import METHODS, play_matrix
from tests.proof.attack import Attack, require
from tests.proof.browsing import Browser
from tests.proof.day import Day
from tests.vault.crypto.people import join_private_key
from vault.crypto.entries import open_entry
from vault.crypto.errors import VaultError
from vault.crypto.key_slots import open_key_slot
from vault.crypto.keys.loader import server_keys
from vault.crypto.pages import derive_page_key, open_manifest, open_page
from vault.crypto.recovery import make_recovery_code, parse_recovery_code
from vault.journal.entries import OpenedVault
from vault.keystore.models import ErasureKey
from vault.models import Entry, KeySlot, Manifest, Page, Vault

ROLES: Final = ("anonymous", "other employee", "staff", "superuser")
_COMMON = ("", "password", "123456", "correct horse battery staple", "letmein", "wellbeing")
_CODES_TRIED, _HALVES_TRIED = 200, 50
_PAGES_CRAWLED = 400


def hold_every_secret(day: Day) -> Attack:
    """Database, keystore, every key file and SECRET_KEY, and the site's own code; the passphrase is all that lacks."""
    attack = Attack(
        "Database, keystore and every server secret", "everything the operator has; runs our own code with all of it"
    )
    keys = list(_every_key())
    attack.tried.append(f"{len(keys)} server, erasure and derived keys as private key of each vault, entry and page")
    for name in (person.name for person in day.victims):
        vault = Vault.objects.get(user=day.victim(name).user)
        attack.read += _try_as_private_key(attack, vault, keys)
        attack.read += _guess(attack, vault, day.victim(name).email, day.victim(name).password)
    attack.tried.append(
        f"{attack.figures['passphrases_guessed']} passphrases and {attack.figures['codes_guessed']} codes"
    )
    # Somebody is at work with an open vault, so that there is a session to try.
    day.victim("bea").open_vault()
    attack.read += _open_sessions(attack, keys)
    day.victim("bea").lock()
    attack.learned += [
        "all that the database shows",
        "that it may guess passphrases offline, each guess at the cost of Argon2id (64 MiB, 3 passes)",
    ]
    opened = day.opened("alice")
    attack.control = require(
        any(_opens(entry, opened.private, opened) for entry in sealed_rows(opened.vault_id))
        and attack.figures["vaults_held_open"],
        "an entry of Alice's, by the same calls with her passphrase; and a vault held open in a session",
    )
    return attack


def _every_key() -> Iterator[bytes]:
    ours = server_keys()
    for field in ours.__slots__:
        yield from getattr(ours, field)
    yield from (bytes(key) for key in ErasureKey.objects.values_list("key", flat=True))
    yield from (bytes(key) for key in Vault.objects.values_list("public_key", flat=True))
    yield from (hashlib.sha256(text.encode()).digest() for text in (settings.SECRET_KEY, "", "wellbeing"))
    yield bytes(32)


def _try_as_private_key(attack: Attack, vault: Vault, keys: list[bytes]) -> list[str]:
    rows = sealed_rows(vault.pk)
    found = []
    for private in keys:
        opened = OpenedVault(vault_id=vault.pk, private=private, public=bytes(vault.public_key))
        attack.attempts += len(rows)
        found += [f"{row} of {vault.pk}" for row in rows if _opens(row, private, opened)]
    return found


def sealed_rows(vault_id: UUID) -> list[Any]:
    return [row for model in (Entry, Page, Manifest) for row in model.objects.filter(vault_id=vault_id)]


def _opens(row: Any, private: bytes, opened: OpenedVault) -> bool:
    key = derive_page_key(private, vault_id=opened.vault_id)
    place: dict[str, Any] = {"vault_id": opened.vault_id, "public": opened.public}
    sealed = bytes(row.sealed)
    try:
        match row:
            case Entry():
                keys = server_keys().verify_keys
                open_entry(sealed, private=private, entry_id=row.pk, verify_keys=keys, **place)
            case Page():
                open_page(sealed, key=key, page_id=row.pk)
            case _:
                open_manifest(sealed, key=key)
    except VaultError:
        return False
    return True


def _guess(attack: Attack, vault: Vault, email: str, password: str) -> list[str]:
    """The account's password, what people choose, and codes; with the erasure key, which the operator has."""
    erasure_key = bytes(ErasureKey.objects.get(vault_id=vault.pk).key)
    place: dict[str, Any] = {"vault_id": vault.pk, "public": bytes(vault.public_key), "erasure_key": erasure_key}
    locks = {lock.slot: bytes(lock.sealed) for lock in KeySlot.objects.filter(vault=vault)}
    passphrases = (*_COMMON, password, email)
    codes = [parse_recovery_code(make_recovery_code()) for _ in range(_CODES_TRIED)] + list(_every_key())
    tries = [("passphrase", secret) for secret in passphrases] + [("recovery", secret) for secret in codes]
    attack.attempts += len(tries)
    for name, number in (("passphrases_guessed", len(passphrases)), ("codes_guessed", len(codes))):
        attack.figures[name] = attack.figures.get(name, 0) + number
    found = []
    for slot, secret in tries:
        with suppress(VaultError):
            open_key_slot(locks[slot], secret, slot=slot, **place)  # type: ignore[arg-type]
            found.append(f"the {slot} lock of {vault.pk}")
    return found


def _open_sessions(attack: Attack, keys: list[bytes]) -> list[str]:
    """Held vaults of people at work now: the cookie half is in their browsers alone."""
    import base64

    found, held = [], 0
    for session, user_id, stored in _held_vaults():
        held += 1
        halves = [base64.urlsafe_b64encode(key).decode().rstrip("=") for key in keys]
        halves += [base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=") for _ in range(_HALVES_TRIED)]
        for half in halves:
            attack.attempts += 1
            with suppress(VaultError):
                join_private_key(half, stored, user_id=user_id, session_id=session, now=0)
                found.append(f"the vault held open in a session of {user_id}")
    attack.figures["vaults_held_open"] = held
    attack.tried.append(f"{held} vaults held open in sessions, by every key and {_HALVES_TRIED} random halves")
    return found


def _held_vaults() -> Iterator[tuple[str, str, bytes]]:
    import base64
    from importlib import import_module

    store = import_module(settings.SESSION_ENGINE).SessionStore
    for row in store.get_model_class().objects.all():
        data = store().decode(row.session_data)
        if data.get("vault"):
            yield row.session_key, str(data["_auth_user_id"]), base64.b64decode(data["vault"])


def impersonate(day: Day) -> Attack:
    """An administrator gives Carl a new password and signs in as him; another makes herself a session of Alice's."""
    attack = Attack("Password reset and impersonation", "the right to reset passwords, and a session as the employee")
    victims = [day.victim(name) for name in ("carl", "alice")]
    for person in victims:
        browser = Browser(day.stack.url)
        if person.name == "carl":
            user, password = person.user, secrets.token_urlsafe(12)
            user.set_password(password)
            user.save()
            browser.post("/accounts/login/", {"login": person.email, "password": password})
            attack.tried.append("a new password for Carl, and signing in with it")
        else:
            browser, password = Browser.signed_in(day.stack.url, person.user), person.password
            attack.tried.append("a session of Alice's, made with SECRET_KEY")
        attack.read += _look_everywhere(attack, day, browser, person.name)
        for guess in (password, person.email, person.name, *_COMMON):
            browser.ask("post", "/vault/open/", {"passphrase": guess})
            attack.attempts += 1
        attack.read += _look_everywhere(attack, day, browser, person.name)
    attack.tried.append("every page and API address as them, then guesses of the passphrase, then every page again")
    attack.learned += ["that they take part: consent, schedule, times of snapshots, which browsers are signed in"]
    owner = day.victim("bea")
    owner.open_vault()
    attack.control = require(
        f"note of {owner.name}" in day.needles.find(owner.browser.get("/journal/").encode()),
        "Bea's notes, on the same pages with her vault open",
    )
    owner.lock()
    return attack


def _look_everywhere(attack: Attack, day: Day, browser: Browser, name: str) -> list[str]:
    found = []
    for address in every_address({"*": [str(_one_entry(day, name)), *day.victim(name).captures[:1]]}):
        if address.startswith(("/admin/", "/accounts/")):
            continue
        answer = browser.ask("get", address)
        attack.attempts += 1
        found += [f"{what} at {address}" for what in day.needles.find(answer.content)]
    return found


def _one_entry(day: Day, name: str) -> UUID:
    return day.entries[name][0].id


def ask_every_address(day: Day, role: str) -> Attack:
    """The matrix: every address of the URLconf with every method, with the ids of Alice, Bea and Carl."""
    attack = Attack(f"Every address, as {role}", f"a browser, signed in as: {role}")
    before, browser = _private_rows(day), _browser_of(role, day)
    secrets_ = [form for forms in _texts(day).values() for form in forms]
    leaks, crashes = [], []
    statuses: dict[int, int] = {}
    for name in ("alice", "bea", "carl"):
        person = day.victim(name)
        user, vault = str(person.user.pk), str(person.user.vault.pk)
        ids = [vault, person.captures[0], str(_one_entry(day, name))]
        sent = {"user": user, "user_id": user, "owner": user, "vault": vault, "vault_id": vault, "capture": ids[1]}
        every = every_address({"*": [user, *ids], "app_label": ["emotion", "keystore", "wellbeing"]})
        # The admin repeats an id it does not know in its next message; nothing private is registered there.
        addresses = [a for a in every if not (a.startswith("/admin/") and any(i in a for i in ids))]
        if name != "alice":
            addresses = [a for a in addresses if any(i in a for i in (*ids, f"/{user}/"))]
        known = [*secrets_, *ids] + ([] if role == "superuser" else [person.email])

        def ask(method: str, address: str, sent: Mapping[str, str]) -> tuple[int, str]:
            answer = browser.ask(method, address, sent)
            return answer.status_code, answer.text + str(answer.headers)

        result = play_matrix(ask, addresses, secrets=known, sent=sent)
        leaks += result.leaks
        crashes += result.crashes
        attack.attempts += result.requests
        for status, number in result.statuses.items():
            statuses[status] = statuses.get(status, 0) + number
        attack.figures["addresses"] = attack.figures.get("addresses", 0) + result.addresses
    attack.read += leaks
    attack.accepted += [f"a crash: {crash}" for crash in crashes]
    attack.accepted += [] if _private_rows(day) == before else ["a change to somebody's private rows"]
    attack.figures |= {"requests": attack.attempts, "leaks": len(leaks), "statuses": dict(sorted(statuses.items()))}
    attack.tried.append(f"{attack.figures['addresses']} addresses with {', '.join(METHODS)}")
    attack.learned += _learned_by(role)
    users = browser.ask("get", "/admin/accounts/user/")
    attack.control = require(
        {200, 302} <= set(statuses) and (users.status_code == 200) == (role == "superuser"),
        "pages that answer it, and at the end still exactly the rights it began with",
    )
    return attack


def _texts(day: Day) -> dict[str, list[str]]:
    """The needles that a page could show as text."""
    return {
        name: [form.decode() for form in forms if form.isascii()]
        for name, forms in day.needles.forms.items()
        if not name.startswith(("snapshot", "private"))
    }


def _learned_by(role: str) -> list[str]:
    return {
        "anonymous": ["nothing"],
        "other employee": ["nothing"],
        "staff": ["nothing of people: this one has no rights on accounts"],
        "superuser": ["who has an account, and when it was made and last used"],
    }[role]


def _browser_of(role: str, day: Day) -> Browser:
    match role:
        case "other employee":
            return Browser.signed_in(day.stack.url, day.curious.user)
        case "staff":
            return Browser.signed_in(day.stack.url, User.objects.get(email="sam@example.org"))
        case "superuser":
            return Browser.signed_in(day.stack.url, User.objects.get(email="root@example.org"))
    return Browser(day.stack.url)


def _private_rows(day: Day) -> str:
    """A digest of every row that is a victim's alone to change."""
    digest = hashlib.sha256()
    vaults = [vault.pk for vault in Vault.objects.filter(user__email__in=[person.email for person in day.victims])]
    owned: dict[Any, str] = {
        Vault: "pk",
        KeySlot: "vault_id",
        Entry: "vault_id",
        Page: "vault_id",
        Manifest: "vault_id",
    }
    for model, owner in {**owned, ErasureKey: "vault_id"}.items():
        rows = model.objects.filter(**{f"{owner}__in": vaults}).order_by("pk").values_list()
        digest.update(repr(list(rows)).encode())
    consents = Consent.objects.filter(user__vault__in=vaults).order_by("pk").values_list()
    digest.update(repr(list(consents)).encode())
    return digest.hexdigest()


def crawl_the_admin(day: Day) -> Attack:
    """Follows every link of the administration pages."""
    attack = Attack("Every administration page", "a superuser's browser that follows every link")
    browser, waiting, seen = _browser_of("superuser", day), ["/admin/"], {"/admin/"}
    text = b""
    while waiting and len(seen) < _PAGES_CRAWLED:
        address = waiting.pop(0)
        answer = browser.ask("get", address, follow=True)
        attack.attempts += 1
        attack.read += [f"{what} at {address}" for what in day.needles.find(answer.content)]
        text += answer.content
        for link in re.findall(r'href="(/admin/[^"#?]*)', answer.text):
            if link not in seen and "logout" not in link:
                seen.add(link)
                waiting.append(link)
    names = re.findall(rb'href="/admin/(\w+)/(\w+)/"', text)
    registered = sorted({f"{app.decode()}.{model.decode()}" for app, model in names})
    forbidden = [name for name in registered if name.startswith(("emotion.", "keystore.", "sessions."))]
    attack.accepted += [f"{name} in the administration" for name in forbidden]
    attack.tried.append(f"{attack.attempts} pages; there are {', '.join(registered)}")
    attack.learned.append("who has an account; the catalogue")
    attack.control = require(
        all(p.email.encode() in text for p in day.victims[:3]), "their accounts, in the list of users"
    )
    return attack
