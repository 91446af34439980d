"""Print name, version and licence of every package that the interpreter running this has installed."""

from importlib.metadata import Distribution, distributions


def read_licence(package: Distribution) -> str:
    """As the package states it: by expression, else by classifiers, else the first line of its licence field."""
    fields = package.metadata.json
    classified = [each.split(" :: ")[-1] for each in fields.get("classifier", []) if each.startswith("License :: ")]
    stated = (fields.get("license_expression"), "; ".join(classified), str(fields.get("license", "")).split("\n")[0])
    return next((str(each) for each in stated if each), "not stated")


def main() -> None:
    rows = {(read_licence(each), each.metadata["Name"], each.version) for each in distributions()}
    for licence, name, version in sorted(rows, key=lambda row: (row[0].lower(), row[1].lower())):
        print(f"{name:32} {version:20} {licence}")


if __name__ == "__main__":
    main()
