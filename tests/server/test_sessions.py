from nurie.server.orders import Drawing, Facts, Reference, Upload
from nurie.server.sessions import Session, Sessions


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def session(name: str, size: int = 100) -> Session:
    facts = Facts(10, 10, "lines", 3, size)
    return Session(Drawing(Upload(name, b""), key=name), facts, home=0, id=name)


def store(memory: int = 250, seconds: float = 60):
    forgotten: list[str] = []
    clock = Clock()
    return Sessions(memory, seconds, forgotten.extend, clock), forgotten, clock


def test_a_session_is_found_until_it_is_dropped():
    sessions, forgotten, _ = store()
    sessions.add(one := session("one"))
    assert sessions.use("one") is one
    sessions.drop("one")
    assert sessions.use("one") is None
    assert forgotten == ["one"]
    sessions.drop("one")  # nothing more happens


def test_when_memory_is_full_the_one_that_is_unused_longest_goes():
    sessions, forgotten, _ = store()
    for name in ("one", "two"):
        sessions.add(session(name))
    sessions.use("one")
    sessions.add(session("three"))
    assert forgotten == ["two"]
    assert [each.id for each in sessions] == ["one", "three"]
    assert sessions.bytes == 200


def test_the_newest_stays_however_large_it_is():
    sessions, forgotten, _ = store()
    sessions.add(session("one"))
    sessions.add(session("huge", 1000))
    assert [each.id for each in sessions] == ["huge"]
    assert forgotten == ["one"]


def test_uploads_count():
    sessions, _, _ = store()
    sessions.add(one := session("one"))
    one.reference = Reference(Upload("b", b"12345"), key="reference")
    assert sessions.bytes == 105
    sessions.add(session("two"))
    assert len(sessions) == 2


def test_an_unused_session_expires():
    sessions, forgotten, clock = store()
    sessions.add(one := session("one"))
    clock.now = 50
    sessions.use("one")
    clock.now = 100
    assert sessions.seconds_left(one) == 10
    assert sessions.use("one")
    clock.now = 161
    assert sessions.use("one") is None
    assert forgotten == ["one"]


def test_with_a_session_its_reference_is_forgotten():
    sessions, forgotten, clock = store()
    sessions.add(one := session("one"))
    one.reference = Reference(Upload("b", b""), key="reference")
    clock.now = 61
    sessions.sweep()
    assert sorted(forgotten) == ["one", "reference"]
    assert one not in sessions
