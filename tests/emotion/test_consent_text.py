import hashlib

from emotion.consent_text import ConsentText, make_section


def test_the_hash_is_of_all_words_as_canonical_json_in_plain_utf_8() -> None:
    text = ConsentText("7", "Müde?", (make_section("Übung", "Größe", "b"), make_section("Ende")))
    canonical = (
        '{"sections":[{"heading":"Übung","paragraphs":["Größe","b"]},{"heading":"Ende","paragraphs":[]}],'
        '"title":"Müde?","version":"7"}'
    )
    assert text.sha256 == hashlib.sha256(canonical.encode("utf-8")).hexdigest()
    assert text.sha256 == "00921bce2aa05854470a1a6b58c7c6ebc6f6dd8a8ede3ce7e6c22e657a3db725"
