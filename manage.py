#!/usr/bin/env python
"""Django's command line for the wellbeing site."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wellbeing.settings")
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except Exception as error:
        from wellbeing.start_faults import tell_fault

        told = tell_fault(error, sys.argv[1] if len(sys.argv) > 1 else "")
        if told is None:
            raise
        sys.exit(told)


if __name__ == "__main__":
    main()
