from vault.crypto.key_pairs import make_key_pair
from vault.crypto.key_phrase import make_key_phrase


def test_the_same_key_has_the_same_five_words_and_another_has_others() -> None:
    publics = [make_key_pair().public for _ in range(200)]
    phrases = [make_key_phrase(public) for public in publics]
    assert phrases == [make_key_phrase(public) for public in publics]
    assert len(set(phrases)) == 200
    assert {len(phrase.split()) for phrase in phrases} == {5}


def test_one_flipped_bit_changes_every_word() -> None:
    public = bytes(range(32))
    other = public[:-1] + bytes([public[-1] ^ 1])
    pairs = zip(make_key_phrase(public).split(), make_key_phrase(other).split(), strict=True)
    assert all(one != two for one, two in pairs)


def test_all_words_of_the_list_come_up() -> None:
    seen = {word for number in range(20_000) for word in make_key_phrase(number.to_bytes(32, "big")).split()}
    assert len(seen) == 7776
