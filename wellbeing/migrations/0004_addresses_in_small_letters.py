import django.db.models.functions.text
from django.core.management.base import CommandError
from django.db import migrations, models

_TWINS = (
    "{what} {first} and {second} have one e-mail address between them, but for capital letters. Nothing was changed: "
    "give one of the two another address, as docs/operations.md shows, then set up again."
)


def lower_addresses(apps, schema_editor):
    """Raises CommandError, before it writes anything, when two of what must differ would become alike."""
    alias = schema_editor.connection.alias
    users = apps.get_model("wellbeing", "User").objects.using(alias)
    addresses = apps.get_model("account", "EmailAddress").objects.using(alias)
    verified = addresses.filter(verified=True)
    of_users = _written_otherwise("Accounts", [(pk, "", email) for pk, email in users.values_list("pk", "email")])
    of_addresses = _written_otherwise("Addresses", list(addresses.values_list("pk", "user_id", "email")))
    _written_otherwise("Addresses", [(pk, "", email) for pk, email in verified.values_list("pk", "email")])
    for rows, lowered in ((users, of_users), (addresses, of_addresses)):
        for pk, email in lowered.items():
            rows.filter(pk=pk).update(email=email)


def _written_otherwise(what, rows):
    seen = {}
    for pk, owner, email in sorted(rows):
        first = seen.setdefault((owner, email.lower()), pk)
        if first != pk:
            raise CommandError(_TWINS.format(what=what, first=first, second=pk))
    return {pk: email.lower() for pk, _, email in rows if email != email.lower()}


class Migration(migrations.Migration):

    dependencies = [
        ('account', '0009_emailaddress_unique_primary_email'),
        ('wellbeing', '0003_camera_declaration'),
    ]

    operations = [
        migrations.RunPython(lower_addresses, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name='user',
            constraint=models.UniqueConstraint(django.db.models.functions.text.Lower('email'), name='one_account_an_address', violation_error_message='There is an account with this address already.'),
        ),
    ]
