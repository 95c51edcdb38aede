import signal
import sys

from nurie.runtime.system import Output, run, text_of


def test_what_a_program_writes_is_kept():
    code = "import sys; print('out'); print('err', file=sys.stderr); sys.exit(3)"
    assert run([sys.executable, "-c", code]) == Output("out\n", "err\n", 3)


def test_a_program_that_crashes_keeps_what_it_wrote():
    code = "import os; print('before', flush=True); os.abort()"
    ended = run([sys.executable, "-c", code])
    assert (ended.out, ended.status) == ("before\n", -signal.SIGABRT)


def test_a_program_that_hangs_is_stopped():
    code = "import time; print('before', flush=True); time.sleep(600)"
    ended = run([sys.executable, "-c", code], patience=3)
    assert (ended.out, ended.status) == ("before\n", None)


def test_a_program_that_cannot_be_started_is_no_error(tmp_path):
    assert run([str(tmp_path / "nowhere")]).status == 127


def test_bytes_that_are_no_text_are_replaced():
    code = "import sys; sys.stdout.buffer.write(b'\\xff\\xfe')"
    assert run([sys.executable, "-c", code]).out == "\ufffd\ufffd"


def test_a_file_that_cannot_be_read_says_nothing(tmp_path):
    assert text_of(tmp_path / "nowhere") == ""
    assert text_of(tmp_path) == ""
    (tmp_path / "bytes").write_bytes(b"a\xff")
    assert text_of(tmp_path / "bytes") == "a\ufffd"
