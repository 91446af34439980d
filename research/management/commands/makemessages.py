"""`manage.py makemessages`: Django's, but for guesses: a sentence without a translation stays without one."""

from django.core.management.commands import makemessages


class Command(makemessages.Command):
    msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]
